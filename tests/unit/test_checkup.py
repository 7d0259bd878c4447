"""A loop's health, as its commits count it."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

import pytest

from personalizer import payload
from personalizer.domain.decision import Decision
from personalizer.domain.event import LearningMode
from personalizer.domain.health import Health, Range
from personalizer.domain.loop import DEFAULT_POLICY, Configuration
from personalizer.errors import LoopNotFound
from personalizer.usecases import chain, health, steer
from personalizer.usecases.health import MeasureHealth
from personalizer.usecases.models.placing import Placing
from personalizer.usecases.rebuild import Rebuild
from personalizer.usecases.training.lines import Arrival
from tests.factories import House, a_joined, an_arrival, an_example
from tests.unit.test_import import azure, imported

ONLINE = LearningMode.ONLINE
OWN, ANOTHER = Decision((0, 1), (0.75, 0.25), ()), Decision((1, 0), (0.75, 0.25), ())
ALONE = Decision((0,), (1.0,), ())


def events(
    *numbers: int,
    decision: Decision = ANOTHER,
    mode: LearningMode = ONLINE,
    reward: float = 1,
) -> Iterable[Arrival]:
    packed = payload.pack(an_example(decision=decision))
    for number in numbers:
        joined = a_joined(number, payload=packed, learning_mode=mode, reward=Decimal(reward))
        yield an_arrival(joined, number)


def taught(*numbers: int) -> House:
    """With a commit for each event."""
    house = House()
    for number in numbers:
        house.train(*events(number))
    return house


def measured(house: House) -> Health:
    return MeasureHealth(house.loops, house.objects)("default").health


def placing(house: House) -> Placing:
    return Placing(house.loops, house.objects, house.engine, house.clock, house.names)


# What counts


def test_a_loop_without_a_model_has_decided_nothing() -> None:
    checkup = MeasureHealth(House().loops, House().objects)("default")
    assert (checkup.mode, checkup.health) == (ONLINE, Health())


def test_a_loop_that_is_not_there_is_an_error() -> None:
    with pytest.raises(LoopNotFound):
        MeasureHealth(House().loops, House().objects)("nobody")


def test_decisions_count_with_what_they_earned() -> None:
    house = taught(1, 2)
    house.train(*events(3, decision=OWN, reward=0))
    told = measured(house)
    assert told.events == 3
    assert told.average_reward == pytest.approx(2 / 3)
    assert told.against(told.baseline).importance_weight == pytest.approx((1 / 0.75) / 3)


def test_what_comes_again_counts_once() -> None:
    house = taught(1, 2)
    house.train(*events(1, 2))
    assert measured(house).events == 2


@pytest.mark.parametrize("mode", [LearningMode.APPRENTICE, LearningMode.LOGGING_ONLY])
def test_what_the_model_did_not_decide_does_not_count(mode: LearningMode) -> None:
    house = House()
    house.train(*events(1, 2, mode=mode), *events(3))
    assert measured(house).events == 1


def test_a_decision_without_a_choice_does_not_count() -> None:
    house = House()
    house.train(*events(1, decision=ALONE), *events(2))
    assert measured(house).events == 1


def test_poison_does_not_count() -> None:
    house = House()
    house.train(an_arrival(a_joined(1, event_id="poison"), 1), *events(2))
    assert measured(house).events == 1


def test_what_was_decided_elsewhere_does_not_count() -> None:
    house = taught(1)
    imported(house, azure(1, 2))
    house.train(*events(2))
    assert (house.head.trained, measured(house).events) == (4, 2)


# However it is counted


def test_how_events_came_in_batches_does_not_count() -> None:
    one, other = House(), taught(1, 2, 3)
    one.train(*events(1, 2, 3))
    assert measured(one) == measured(other)


def test_the_log_tells_the_same() -> None:
    house = taught(1, 2, 3)
    segments = [chain.segment(house.objects, commit) for commit in reversed(house.commits())]
    lines = [line for segment in segments for line in segment]
    told = health.after(health.unproven(DEFAULT_POLICY, 1), lines)
    assert told == measured(house)


# Whose it is


def test_a_loop_that_was_reset_has_no_model_yet() -> None:
    house = taught(1, 2)
    steer.reset(house.loops, "default", house.names())
    assert measured(house) == Health()
    house.train(*events(3))
    assert measured(house).events == 1


def test_another_policys_model_has_yet_to_prove_itself() -> None:
    house = taught(1, 2)
    house.set_policy("--cb_explore_adf --first_only")
    assert measured(house).events == 2
    house.train(*events(3))
    assert measured(house).events == 1


def test_a_model_that_goes_on_at_another_pace_keeps_what_it_proved() -> None:
    house = taught(1, 2)
    house.set_policy(f"{DEFAULT_POLICY} --power_t 0.4")
    house.train(*events(3))
    assert measured(house).events == 3


def test_a_model_of_the_past_has_yet_to_prove_itself_again() -> None:
    house = taught(1, 2)
    placing(house).roll_back("default", 1)
    assert measured(house) == health.unproven(DEFAULT_POLICY, 1)


def test_a_model_from_elsewhere_has_yet_to_prove_itself() -> None:
    house = taught(1, 2)
    placing(house).adopt("default", f"{DEFAULT_POLICY}\nlong\nago".encode())
    assert measured(house).events == 0


def test_a_model_that_was_lost_and_made_again_keeps_what_it_proved() -> None:
    house = taught(1, 2)
    del house.memory_objects.data[house.commits()[0].model.object.key]
    assert Rebuild(house.loops, house.objects, house.engine, house.clock, house.names)("default")
    assert measured(house).events == 2


# What a reward may be


@pytest.mark.parametrize(
    ("bounds", "offset", "expected"),
    [
        ("--regcbopt --cb_min_cost 0 --cb_max_cost 1", 1, Range(0, 1)),
        ("--regcbopt --cb_min_cost 0 --cb_max_cost 10", 5, Range(-5, 5)),
        ("--regcbopt --cb_max_cost 3", 1, Range(-2, 1)),
        ("--regcbopt --cb_min_cost -3", 1, Range(-1, 4)),
        ("--first_only", 1, Range(-1, 1)),
        ("--regcbopt --cb_min_cost 0", -5, Range(-5, -5)),
    ],
)
def test_the_range_is_what_the_policy_learns_of_rewards(
    bounds: str, offset: float, expected: Range
) -> None:
    assert health.unproven(f"--cb_explore_adf {bounds}", offset).range == expected


def test_other_costs_make_another_model_with_another_range() -> None:
    house = House(replace(Configuration(), cost_offset=0.5))
    house.train(*events(1))
    assert measured(house).range == Range(-0.5, 0.5)
    house.configure(cost_offset=1.0)
    house.train(*events(2))
    assert (measured(house).range, measured(house).events) == (Range(0, 1), 1)
