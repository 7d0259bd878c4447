"""A log in pieces, each as large as can be learned in a few seconds."""

from collections.abc import Iterator

import pytest

from personalizer.usecases.evaluation.parts import Part, Run
from personalizer.usecases.evaluation.pieces import (
    LINES,
    MOST_LINES,
    PIECE_MS,
    Pace,
    Piece,
    pieces,
)
from tests.factories import Clock

LOG = [f"{number}".encode() for number in range(100)]


def a_run(first: int, end: int) -> Run:
    return Run(first, LOG[first:end])


def of(*parts: Part, begin: int = 0, end: int = 100, size: int = 4) -> list[Piece]:
    return [*pieces(parts, begin, end, 3, lambda: size)]


def test_every_line_is_in_one_piece() -> None:
    found = of([a_run(0, 10)], [a_run(10, 13), a_run(50, 60)])
    lines = [line for piece in found for line in piece.lines]
    assert lines == [*LOG[:13], *LOG[50:60]]
    assert all([*piece.lines] == LOG[piece.first : piece.end] for piece in found)


def test_a_piece_knows_what_came_right_before_it() -> None:
    found = of([a_run(0, 6)], [a_run(6, 9)], size=2)
    assert [[*piece.past] for piece in found] == [[], LOG[:2], LOG[1:4], LOG[3:6], LOG[5:8]]


def test_after_a_gap_nothing_came_before() -> None:
    assert [*of([a_run(0, 4), a_run(6, 8)])[-1].past] == []


@pytest.mark.parametrize("begin", range(4, 12))
def test_what_was_done_is_passed_over_and_is_the_past(begin: int) -> None:
    first = of([a_run(0, 5)], [a_run(5, 6), a_run(6, 20)], begin=begin)[0]
    assert (first.first, [*first.past]) == (begin, LOG[begin - 3 : begin])


@pytest.mark.parametrize("begin", [0, 5, 9])
def test_lines_that_a_repeated_task_left_twice_come_once(begin: int) -> None:
    """As many pieces of a part as its first attempt made may be left behind those of the last."""
    once = of([a_run(0, 10)], [a_run(10, 20)], begin=begin)
    twice = of([a_run(0, 10)], [a_run(6, 10)], [a_run(8, 14), a_run(14, 20)], begin=begin)
    lines = [[line for piece in found for line in piece.lines] for found in (once, twice)]
    assert lines == [LOG[begin:20]] * 2
    assert all([*piece.past] == LOG[max(piece.first - 3, 0) : piece.first] for piece in twice)


def test_it_ends_where_it_is_to_end_and_reads_no_further() -> None:
    def parts() -> Iterator[Part]:
        yield [a_run(0, 10)]
        raise AssertionError

    assert [*pieces(parts(), 0, 7, 3, lambda: 4)][-1].end == 7


def test_pieces_grow_while_they_take_no_time_and_to_a_bound() -> None:
    pace, sizes = Pace(Clock()), list[int]()
    for _ in range(6):
        sizes.append(pace())
        pace.learned(pace())
    assert sizes == [LINES, 4 * LINES, 16 * LINES, 64 * LINES, MOST_LINES, MOST_LINES]


def test_a_piece_is_as_large_as_there_is_time_for() -> None:
    clock = Clock()
    pace = Pace(clock)
    clock.now += 10 * LINES  # ten milliseconds a line
    pace.learned(LINES)
    assert pace() == PIECE_MS // 10


def test_what_is_slow_goes_line_by_line() -> None:
    clock = Clock()
    pace = Pace(clock)
    clock.now += 10 * PIECE_MS
    pace.learned(1)
    assert pace() == 1


def test_a_pace_that_is_known_is_kept() -> None:
    assert Pace(Clock(), lines=1_000, milliseconds=10_000)() == PIECE_MS // 10
