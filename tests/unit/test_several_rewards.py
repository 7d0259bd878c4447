"""From several rewards to the one cost that is logged, however their event ends."""

import json
from collections.abc import Callable
from decimal import Decimal

import pytest

from personalizer.domain.event import CLOCK_SKEW_MS, Aggregation
from personalizer.domain.loop import Configuration
from personalizer.domain.timer import SWEEPER_GRACE_S
from personalizer.usecases import chain
from tests.aggregates import aggregate
from tests.factories import House

WAIT = Configuration().reward_wait_ms
GRACE = SWEEPER_GRACE_S * 1000
REWARDS = [Decimal("-0.5"), Decimal("-1"), Decimal("-0.25"), Decimal("-0.3")]


def a_house(aggregation: Aggregation) -> House:
    """Its default reward is better than anything that its events earn."""
    settings = Configuration(
        aggregation=aggregation, learn_after_wait=True, default_reward=Decimal(1)
    )
    return House(settings)


def give(house: House) -> None:
    for reward in REWARDS:
        house.reward("e", reward)


def sweep(house: House) -> None:
    house.clock.now += WAIT + CLOCK_SKEW_MS
    house.expire()


def expire_by_ttl(house: House) -> None:
    house.clock.now += WAIT + GRACE
    house.expire_by_ttl()


def supersede(house: House) -> None:
    house.rank(eventId="e", contextFeatures=[{"another": 1}])


def costs(house: House) -> list[float]:
    """Of the log that relay and training make of all that happened."""
    house.relay()
    house.train(*house.arrivals())
    segments = [chain.segment(house.memory_objects, commit) for commit in house.commits()]
    return [json.loads(line)["_label_cost"] for segment in segments for line in segment]


@pytest.mark.parametrize("aggregation", Aggregation)
@pytest.mark.parametrize("end", [sweep, expire_by_ttl, supersede])
def test_rewards_are_learned_as_one(aggregation: Aggregation, end: Callable[[House], None]) -> None:
    house = a_house(aggregation)
    house.rank(eventId="e")
    give(house)
    end(house)
    assert costs(house) == [-float(aggregate(aggregation, REWARDS))]


@pytest.mark.parametrize("aggregation", Aggregation)
@pytest.mark.parametrize("deferred", [True, False])
def test_rewards_from_before_their_rank_are_learned_as_one(
    aggregation: Aggregation, deferred: bool
) -> None:
    house = a_house(aggregation)
    give(house)
    house.rank(eventId="e", deferActivation=deferred)
    sweep(house)
    assert costs(house) == [-float(aggregate(aggregation, REWARDS))]


@pytest.mark.parametrize("aggregation", Aggregation)
def test_without_any_reward_the_default_is_learned(aggregation: Aggregation) -> None:
    house = a_house(aggregation)
    house.rank(eventId="e", deferActivation=True)
    house.activate("e")
    sweep(house)
    assert costs(house) == [-1.0]


@pytest.mark.parametrize("aggregation", Aggregation)
def test_an_activation_beside_a_reward_is_no_reward(aggregation: Aggregation) -> None:
    house = a_house(aggregation)
    house.rank(eventId="e", deferActivation=True)
    house.activate("e")
    house.reward("e", "-0.5")
    sweep(house)
    assert costs(house) == [0.5]
