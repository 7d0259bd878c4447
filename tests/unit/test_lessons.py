"""What a learner is taught of the log."""

from decimal import Decimal
from typing import Any

import pytest

from personalizer import dsjson
from personalizer.domain.decision import Decision
from personalizer.domain.event import LearningMode
from personalizer.domain.example import Example
from personalizer.domain.replay import NO_REPLAY, Replay
from personalizer.usecases.lessons import Course, lessons
from tests.factories import NOW, a_joined

RANGE = "--cb_explore_adf --regcbopt --cb_min_cost 0 --cb_max_cost 1"
REPLAY = Replay(events=2, reach=3, busiest=1.0)
BY_REPLAY = Course(RANGE, 1.0, REPLAY)


def a_line(number: int, *, seconds: float = 2.0, **fields: Any) -> bytes:
    joined = a_joined(number, ranked_at=NOW + int(number * seconds * 1000), **fields)
    return dsjson.line(joined, Example(Decision((0,), (1.0,), ()), 1, b'{"_multi":[]}'))


def places(course: Course, *lines: bytes) -> list[int]:
    return [taught.position for taught in lessons(course, lines, 0)]


@pytest.mark.parametrize(
    ("reward", "offset", "cost"),
    [("1", 1.0, 0.0), ("0", 1.0, 1.0), ("-1", 1.0, 1.0), ("1", 0.25, 0.0)],
)
def test_a_cost_is_offset_minus_reward_within_the_policys_range(
    reward: str, offset: float, cost: float
) -> None:
    line = a_line(1, reward=Decimal(reward))
    (taught,) = lessons(Course(RANGE, offset, NO_REPLAY), [line], 7)
    assert taught.line == dsjson.with_cost(line, cost)
    assert taught.position == 7


def test_each_line_is_followed_by_those_that_it_draws() -> None:
    lines = [a_line(number) for number in range(6)]
    expected = [place for at in range(6) for place in (at, *REPLAY.draws(at, 0))]
    assert places(BY_REPLAY, *lines) == expected


def test_however_the_lines_are_cut_the_lessons_are_the_same() -> None:
    lines = [a_line(number) for number in range(12)]
    whole = lessons(BY_REPLAY, lines, 0)
    parts = [
        taught
        for start in range(0, 12, 4)
        for taught in lessons(
            BY_REPLAY, lines[start : start + 4], start, lines[max(0, start - 3) : start]
        )
    ]
    assert parts == whole


def test_a_line_that_is_to_be_skipped_has_a_place_and_is_never_taught() -> None:
    lines = [
        a_line(n, learning_mode=LearningMode.LOGGING_ONLY if n % 2 else LearningMode.ONLINE)
        for n in range(8)
    ]
    found = places(BY_REPLAY, *lines)
    assert {0, 2, 4, 6} == {*found}


def test_nothing_comes_back_to_a_loop_that_is_busy() -> None:
    lines = [a_line(number, seconds=0.5) for number in range(6)]
    young = [place for at in range(3) for place in (at, *REPLAY.draws(at, 0))]
    assert places(BY_REPLAY, *lines) == [*young, 3, 4, 5]


def test_a_busy_loop_that_calms_down_replays_again() -> None:
    lines = [a_line(number, seconds=0.5 if number < 6 else 9) for number in range(8)]
    assert places(BY_REPLAY, *lines)[-3:] == [7, *REPLAY.draws(7, 0)]
