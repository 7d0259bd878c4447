"""A job's log in pieces that are learned at a time, each with what comes right before it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from personalizer.usecases.evaluation.parts import Part, Run

LINES, MOST_LINES = 250, 20_000
"""At first, and at most."""
GROWTH = 4
PIECE_MS = 8_000
"""How long a piece is to take: long enough that starting a learner is nothing beside it."""


class Piece(NamedTuple):
    """`lines` that stand together in the log, the first at place `first`; right before them comes
    `past`, as much of it as can be learned again."""

    first: int
    lines: Sequence[bytes]
    past: Sequence[bytes]

    @property
    def end(self) -> int:
        return self.first + len(self.lines)


def pieces(
    parts: Iterable[Part], begin: int, end: int, reach: int, size: Callable[[], int]
) -> Iterator[Piece]:
    """Of the log's lines from place `begin` to before `end`. Whatever comes after a gap has no
    past. The parts must hold the `reach` lines before `begin`. A part that was gathered twice may
    hold lines twice: each comes once."""
    past: Sequence[bytes] = ()
    place = 0
    for run in _once(parts):
        if run.first != place:
            past = ()
        at, last = (min(max(each - run.first, 0), len(run.lines)) for each in (begin, end))
        past = _last(reach, past, run.lines[:at])
        while at < last:
            lines = run.lines[at : min(at + size(), last)]
            yield Piece(run.first + at, lines, past)
            past = _last(reach, past, lines)
            at += len(lines)
        if run.end >= end:
            return
        place = run.end


def _once(parts: Iterable[Part]) -> Iterator[Run]:
    """Without what came already."""
    place = 0
    for run in (run for part in parts for run in part):
        if run.end > place:
            known = max(place - run.first, 0)
            yield Run(run.first + known, run.lines[known:])
            place = run.end


def _last(count: int, past: Sequence[bytes], lines: Sequence[bytes]) -> Sequence[bytes]:
    """Of what came before, so many lines."""
    if len(lines) < count:
        lines = [*past, *lines]
    return lines[max(len(lines) - count, 0) :]


class Pace:
    """How many lines a piece is to have, from how long those before it took: `milliseconds` for
    `lines` so far."""

    def __init__(self, clock: Callable[[], int], lines: int = 0, milliseconds: int = 0):
        self._clock, self._since = clock, clock()
        self.lines, self.milliseconds = lines, milliseconds
        self._size = self._affordable() if lines else LINES

    def __call__(self) -> int:
        return self._size

    def learned(self, lines: int) -> None:
        now = self._clock()
        self.lines += lines
        self.milliseconds += max(now - self._since, 0)
        self._since = now
        self._size = min(self._affordable(), GROWTH * self._size)

    def _affordable(self) -> int:
        affordable = PIECE_MS * self.lines // max(self.milliseconds, 1)
        return min(max(affordable, 1), MOST_LINES)
