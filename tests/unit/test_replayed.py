"""Replay through the trainer: the same log makes the same model, whatever happened on the way."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from personalizer.adapters.fake import FakeEngine
from personalizer.domain.event import LearningMode
from personalizer.domain.loop import Configuration, Kept
from personalizer.domain.replay import NO_REPLAY, Replay
from personalizer.ports import Lesson
from personalizer.usecases import chain, steer
from personalizer.usecases.models.placing import Placing
from personalizer.usecases.training import ledger as ledgers
from personalizer.usecases.verify import Verdict, Verify
from tests.factories import NOW, House, a_joined, a_uid, an_arrival
from tests.unit.test_forget import cleared, forget

REPLAY = Replay(events=2, reach=4)


def a_house(*batches: Sequence[int]) -> House:
    house = House(Configuration(replay=REPLAY))
    for numbers in batches:
        train(house, *numbers)
    return house


def train(house: House, *numbers: int) -> None:
    """With the events of these numbers, each of them a minute after the one before it."""
    joined = (a_joined(n, ranked_at=NOW + n * 60_000) for n in numbers)
    house.train(*(an_arrival(event, event.ranked_at) for event in joined))


def taught(*numbers: int, first: int = 0, oldest: int = 0) -> list[str]:
    """What these lines of the log teach, the first of which is at place `first`."""
    lines = {oldest + at: f"e-{number}" for at, number in enumerate(numbers)}
    return [
        lines[place]
        for position in range(first, oldest + len(numbers))
        for place in (position, *REPLAY.draws(position, oldest))
    ]


def verify(house: House) -> list[Verdict]:
    return [*Verify(house.loops, house.objects, house.engine)("default")]


@pytest.mark.parametrize("cuts", [[9], [1] * 9, [4, 5], [1, 6, 2]])
def test_however_events_arrive_the_model_is_that_of_its_log(cuts: list[int]) -> None:
    house = a_house()
    numbers = iter(range(1, 10))
    for cut in cuts:
        train(house, *(next(numbers) for _ in range(cut)))
    assert house.learned() == taught(*range(1, 10))
    assert all(verdict.same and verdict.stored and not verdict.given for verdict in verify(house))


def test_a_commit_says_how_it_was_taught() -> None:
    house = a_house([1, 2, 3, 4, 5, 6], [7])
    newest, first = house.commits()
    assert (first.replay, first.recalled, first.learns_from) == (REPLAY, 0, 0)
    assert (newest.recalled, newest.learns_from) == (4, 2)


def test_a_line_that_is_refused_leaves_no_gap_in_what_others_draw() -> None:
    house = a_house([1, 2])
    poison = a_joined(9, event_id="poison", ranked_at=NOW)
    first, *others = [a_joined(n, ranked_at=NOW + n * 60_000) for n in (3, 4, 5)]
    arrivals = [an_arrival(event, n, "t") for n, event in enumerate((first, poison, *others))]
    house.train(*arrivals)
    assert house.learned() == taught(1, 2, 3, 4, 5)
    assert house.quarantine.places("default") == {a_uid(9)}


@pytest.mark.parametrize("lost", [[3], [2, 3], [1, 2, 3]])
def test_a_lost_model_is_made_again_the_same(lost: list[int]) -> None:
    house = a_house([1, 2, 3], [4], [5, 6])
    for commit in house.commits():
        if commit.generation in lost:
            house.memory_objects.data[commit.model.object.key] = b"bit rot"
    train(house, 7)
    assert house.learned() == taught(*range(1, 8))


def test_a_new_model_replays_what_it_learns_again() -> None:
    house = a_house([1, 2, 3], [4])
    house.set_policy("--cb_explore_adf --epsilon 0")
    train(house, 5)
    assert house.learned() == taught(1, 2, 3, 4, 5)


def test_a_loop_that_was_reset_brings_nothing_back_of_before() -> None:
    house = a_house([1, 2, 3])
    steer.reset(house.loops, "default", house.names())
    train(house, 4, 5)
    train(house, 6)
    assert house.learned() == taught(4, 5, 6, first=3, oldest=3)


def test_a_loop_that_was_rolled_back_brings_nothing_back_of_before() -> None:
    house = a_house([1, 2], [3, 4])
    Placing(house.loops, house.objects, house.engine, house.clock, house.names).roll_back(
        "default", 1
    )
    train(house, 5, 6)
    assert house.learned() == [*taught(1, 2), *taught(5, 6, first=4, oldest=4)]
    assert all(verdict.same for verdict in verify(house))


def test_what_was_forgotten_does_not_come_back() -> None:
    house = a_house([1, 2, 3], [4, 5])
    forget(house).everything("default")
    cleared(house)
    before = house.learned()
    train(house, 6, 7)
    assert house.learned() == [*before, *taught(6, 7, first=5, oldest=5)]
    assert [verdict.given for verdict in verify(house)] == [False]


def test_a_model_that_drew_on_what_is_forgotten_is_taken_as_given() -> None:
    house = a_house([1, 2], [3], [4, 5, 6, 7], [8])
    kept = replace(house.head, epoch=house.head.epoch + 1, kept=Kept(oldest=3, cleared=3))
    assert house.loops.advance(house.head, kept)
    verdicts = verify(house)
    assert [(v.generation, v.given, v.same) for v in verdicts] == [
        (3, True, True),
        (4, False, True),
    ]


def test_replay_that_is_switched_off_stays_out_of_what_comes_then() -> None:
    house = a_house([1, 2, 3])
    house.configure(replay=NO_REPLAY)
    train(house, 4, 5)
    assert house.learned() == [*taught(1, 2, 3), "e-4", "e-5"]


def test_replay_that_is_switched_on_begins_there() -> None:
    house = House(Configuration(replay=NO_REPLAY))
    train(house, 1, 2)
    house.configure(replay=REPLAY)
    train(house, 3, 4)
    assert house.learned() == ["e-1", "e-2", *taught(3, 4, first=2, oldest=2)]


def test_an_apprentices_choice_counts_once_however_often_it_comes_back() -> None:
    house = a_house()
    apprentice = [a_joined(n, learning_mode=LearningMode.APPRENTICE) for n in (1, 2, 3)]
    house.train(*(an_arrival(event, n) for n, event in enumerate(apprentice)))
    assert len(house.lines()) > len(apprentice)
    assert (house.head.trained, house.commits()[0].apprentice.events) == (3, 3)


# What cannot come back


def damage(house: House, generation: int) -> None:
    (commit,) = (commit for commit in house.commits() if commit.generation == generation)
    house.memory_objects.data[commit.log.key] = b"bit rot"


def test_learning_goes_on_without_lines_that_cannot_be_read() -> None:
    house = a_house([1], [2], [3])
    before = house.learned()
    damage(house, 2)
    train(house, 4, 5)
    assert house.learned() == [*before, *taught(3, 4, 5, first=3, oldest=2)]
    assert house.commits()[0].recalled == 1
    assert not house.quarantine.records


def test_long_lines_reach_less_far(monkeypatch: pytest.MonkeyPatch) -> None:
    house = a_house([1, 2, 3, 4])
    line = len(chain.segment(house.objects, house.commits()[0])[0])
    monkeypatch.setattr(ledgers, "PAST_BYTES", 2 * line + 10)
    train(house, 5)
    assert house.commits()[0].recalled == 2


class Fussy(FakeEngine):
    """Refuses an event that it once learned."""

    refused = b"nothing yet"

    def learn(self, arguments: str, base: bytes | None, lines: Sequence[bytes]) -> Lesson:
        lesson = super().learn(arguments, base, lines)
        return Lesson(lesson.model, ["no more" if self.refused in line else None for line in lines])


def test_a_line_that_is_refused_when_it_comes_back_stops_nobody() -> None:
    engine = Fussy()
    house = House(Configuration(replay=REPLAY), engine=engine)
    train(house, 1, 2, 3)
    engine.refused = b'"EventId":"e-3"'
    train(house, 4, 5)
    assert house.learned() == [*taught(1, 2, 3), "e-4", "e-5"]
    assert house.commits()[0].replay == NO_REPLAY
    assert not house.quarantine.records


def test_a_lost_model_that_drew_on_what_is_forgotten_starts_anew_from_what_is_kept() -> None:
    house = a_house([1, 2], [3], [4])
    kept = Kept(oldest=3, cleared=3)
    forgotten = replace(house.head, epoch=house.head.epoch + 1, kept=kept, learn_from=3)
    assert house.loops.advance(house.head, forgotten)
    for generation in (1, 2):
        damage(house, generation)
    house.memory_objects.data[house.commits()[0].model.object.key] = b"bit rot"
    train(house, 5)
    assert house.learned() == taught(4, 5, first=3, oldest=3)


def test_a_new_model_learns_again_no_more_lines_than_it_is_taught_times() -> None:
    house = House(Configuration(replay=Replay(events=8, reach=4)))
    count = ledgers.RELEARNED_LINES // 9 + 1
    for first in range(0, 2 * count, count):
        train(house, *range(first, first + count))
    house.set_policy("--cb_explore_adf --epsilon 0")
    train(house, 2 * count)
    assert house.commits()[0].relearned == count
