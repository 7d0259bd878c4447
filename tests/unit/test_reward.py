"""Reward, Activate and Expire: what becomes of a decision after it was shown."""

from decimal import Decimal

import pytest

from personalizer.domain.event import CLOCK_SKEW_MS, Aggregation, Event, Key, State, Stub
from personalizer.domain.loop import Configuration
from personalizer.domain.transitions import EARLY_WINDOW_MS
from tests.factories import House

WAIT = Configuration().reward_wait_ms
SUM = Configuration(aggregation=Aggregation.SUM)


def event(house: House, event_id: str = "e") -> Event:
    found = house.events.get(Key("default", event_id))
    assert isinstance(found, Event)
    return found


def ranked(configuration: Configuration | None = None, *, deferred: bool = False) -> House:
    house = House(configuration or Configuration())
    house.rank(eventId="e", deferActivation=deferred)
    return house


def test_a_reward_in_time_counts() -> None:
    house = ranked()
    assert house.reward("e", "0.7")
    assert event(house).reward == Decimal("0.7")


def test_a_reward_of_a_sum_counts_every_time() -> None:
    house = ranked(SUM)
    assert house.reward("e", "0.5")
    assert house.reward("e", "0.5")
    assert event(house).reward == 1


def test_a_reward_with_the_same_idempotency_key_counts_once() -> None:
    house = ranked(SUM)
    assert house.reward("e", "0.5", key="call-1")
    assert not house.reward("e", "0.5", key="call-1")


def test_an_idempotency_key_is_not_kept_as_it_came() -> None:
    house = ranked(SUM)
    house.reward("e", key="secret" * 1000)
    assert all(len(key) == 32 and "secret" not in key for key in event(house).reward_keys)


def test_a_late_reward_does_not_count() -> None:
    house = ranked()
    house.clock.now += WAIT
    assert not house.reward("e")


def test_a_reward_for_an_unknown_event_waits_for_it() -> None:
    house = House()
    assert house.reward("e", "0.3")
    house.clock.now += EARLY_WINDOW_MS - 1
    house.rank(eventId="e")
    assert event(house).reward == Decimal("0.3")


def test_a_reward_waits_two_minutes_and_no_longer() -> None:
    house = House()
    house.reward("e")
    house.clock.now += EARLY_WINDOW_MS
    house.rank(eventId="e")
    assert event(house).state is State.PENDING


def test_an_activation_in_time_makes_a_deferred_event_count() -> None:
    house = ranked(deferred=True)
    assert house.activate("e")
    assert event(house).state is State.PENDING


def test_a_late_activation_does_not() -> None:
    house = ranked(deferred=True)
    house.clock.now += WAIT
    assert not house.activate("e")


def test_activating_what_counts_already_changes_nothing() -> None:
    assert not ranked().activate("e")


def test_activating_an_unknown_event_waits_for_it() -> None:
    house = House()
    assert house.activate("e")
    assert isinstance(house.events.get(Key("default", "e")), Stub)


def test_an_activated_event_without_a_reward_gets_the_default() -> None:
    house = ranked(Configuration(default_reward=Decimal("-0.5")), deferred=True)
    house.activate("e")
    house.clock.now += WAIT + CLOCK_SKEW_MS
    assert house.expire() == 1
    assert event(house).final_reward == Decimal("-0.5")


@pytest.mark.parametrize(("late", "count"), [(CLOCK_SKEW_MS - 1, 0), (CLOCK_SKEW_MS, 1)])
def test_an_event_expires_when_every_clock_agrees(late: int, count: int) -> None:
    house = ranked()
    house.clock.now += WAIT + late
    assert house.expire() == count


def test_an_event_expires_once() -> None:
    house = ranked()
    house.clock.now += WAIT + CLOCK_SKEW_MS
    assert (house.expire(), house.expire()) == (1, 0)


def test_an_inactive_event_never_expires() -> None:
    house = ranked(deferred=True)
    house.clock.now += 10 * WAIT
    assert house.expire() == 0


def test_what_the_sweeps_of_hours_missed_those_of_one_hour_find() -> None:
    house = ranked()
    house.clock.now += 3 * 3_600_000
    found = 0
    for _ in range(60):
        found += house.expire()
        house.clock.now += 60_000
    assert found == 1
