"""How often an apprentice agrees: counted in commits, and in the log."""

from collections.abc import Iterable
from decimal import Decimal

import pytest

from personalizer import payload
from personalizer.domain.agreement import Agreement
from personalizer.domain.decision import Decision
from personalizer.domain.event import LearningMode
from personalizer.domain.loop import Configuration
from personalizer.domain.policy import Policy
from personalizer.errors import LoopNotFound
from personalizer.usecases import steer
from personalizer.usecases.agreement import LATEST_SEGMENTS, MeasureAgreement, Progress
from personalizer.usecases.training.lines import Arrival
from tests.factories import NOW, House, a_joined, an_arrival, an_example

ONLINE, APPRENTICE = LearningMode.ONLINE, LearningMode.APPRENTICE
AGREED, DIFFERED = Decision((0, 1), (0.75, 0.25), ()), Decision((1, 0), (0.75, 0.25), ())


def trials(
    numbers: Iterable[int], decision: Decision = AGREED, mode: LearningMode = APPRENTICE
) -> list[Arrival]:
    """Each ranked so many milliseconds after the first, and earning .5."""
    packed = payload.pack(an_example(decision=decision))
    return [
        an_arrival(
            a_joined(
                number,
                payload=packed,
                learning_mode=mode,
                ranked_at=NOW + number,
                reward=Decimal("0.5"),
            ),
            number,
        )
        for number in numbers
    ]


def measured(house: House) -> Progress:
    return MeasureAgreement(house.loops, house.objects)("default")


# Adding up


def test_rates_of_nothing_are_nothing() -> None:
    assert (Agreement().rate, Agreement().average_reward) == (0, 0)


def test_agreements_add_up_in_any_order() -> None:
    one, other = Agreement(2, 1, 0.5, 0.25, 10, 20), Agreement(3, 3, -1, -1, 5, 15)
    assert one + other == other + one == Agreement(5, 4, -0.5, -0.75, 5, 20)
    assert one + Agreement() == Agreement() + one == one


def test_rates_are_per_event() -> None:
    found = Agreement(4, 3, 1.0, 0.5, 0, 0)
    assert (found.rate, found.average_reward) == (0.75, 0.25)


# Measuring


def test_a_loop_that_was_never_an_apprentice_has_nothing_to_tell() -> None:
    house = House()
    house.train(*trials([1], mode=ONLINE))
    assert measured(house) == Progress(ONLINE, Agreement(), Agreement())


def test_a_loop_without_commits_has_nothing_to_tell() -> None:
    assert measured(House()) == Progress(ONLINE, Agreement(), Agreement())


def test_a_loop_that_is_not_there_is_an_error() -> None:
    with pytest.raises(LoopNotFound):
        MeasureAgreement(House().loops, House().objects)("nobody")


def test_an_apprentice_that_has_learned_nothing_yet_has_agreed_in_nothing() -> None:
    house = House(Configuration(learning_mode=APPRENTICE))
    assert measured(house) == Progress(APPRENTICE, Agreement(), Agreement())


def test_agreement_is_counted_with_what_it_earned() -> None:
    house = House(Configuration(learning_mode=APPRENTICE))
    house.train(*trials([1, 2, 3]), *trials([4], DIFFERED))
    expected = Agreement(4, 3, 2.0, 1.5, NOW + 1, NOW + 4)
    assert measured(house) == Progress(APPRENTICE, expected, expected)


def test_what_comes_again_counts_once() -> None:
    house = House()
    house.train(*trials([1, 2]))
    house.train(*trials([1, 2]))
    assert measured(house).ever.events == 2


def test_events_of_other_modes_do_not_count() -> None:
    house = House()
    house.train(*trials([1]), *trials([2], DIFFERED, ONLINE))
    house.train(*trials([3], DIFFERED, LearningMode.LOGGING_ONLY))
    assert measured(house) == Progress(ONLINE, *[Agreement(1, 1, 0.5, 0.5, NOW + 1, NOW + 1)] * 2)


def test_the_latest_are_the_last_thousand_in_the_log() -> None:
    house = House()
    house.train(*trials(range(1, 601), DIFFERED))
    house.train(*trials(range(601, 1201)))
    progress = measured(house)
    assert (progress.ever.events, progress.ever.matched) == (1200, 600)
    assert (progress.latest.events, progress.latest.matched) == (1000, 600)
    assert (progress.latest.first_at, progress.latest.last_at) == (NOW + 201, NOW + 1200)


def test_the_latest_are_looked_for_in_so_many_segments_only() -> None:
    house = House()
    for number in range(LATEST_SEGMENTS + 1):
        house.train(*trials([number + 1]))
    progress = measured(house)
    assert (progress.latest.events, progress.ever.events) == (LATEST_SEGMENTS, LATEST_SEGMENTS + 1)


def test_what_was_counted_stays_when_the_model_does_not() -> None:
    house = House()
    house.train(*trials([1, 2]))
    steer.reset(house.loops, "default", house.names())
    house.train(*trials([3]))
    policy = Policy("new", "--cb_explore_adf --epsilon 0")
    steer.set_policy(house.loops, house.objects, "default", policy, house.names(), NOW)
    house.train(*trials([4], mode=ONLINE))
    assert measured(house).ever.events == 3


def test_poison_does_not_count() -> None:
    house = House()
    poison = an_arrival(a_joined(2, event_id="poison", learning_mode=APPRENTICE), 2)
    house.train(*trials([1]), poison)
    assert measured(house).ever.events == 1
