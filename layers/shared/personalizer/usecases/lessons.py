"""What VW is taught of the log: each line with the cost that its policy asks for, and beside it
some of those before it once more."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from personalizer import dsjson
from personalizer.domain import policy
from personalizer.domain.commit import Commit
from personalizer.domain.replay import Replay


@dataclass(frozen=True, slots=True)
class Course:
    """How a loop is taught: the cost of a line is `cost_offset` minus its reward, within the range
    that the arguments are for."""

    arguments: str
    cost_offset: float
    replay: Replay

    @classmethod
    def of(cls, commit: Commit) -> "Course":
        return cls(commit.arguments, commit.cost_offset, commit.replay)


class Taught(NamedTuple):
    """A line as VW shall see it, and its place in the log."""

    position: int
    line: bytes


def lessons(
    course: Course, logged: Sequence[bytes], first: int, past: Sequence[bytes] = ()
) -> list[Taught]:
    """In the order in which they are learned: of `logged`, whose first line is at place `first`,
    and again of those and of `past`, which comes right before them.

    Lines that are to be skipped teach nothing, though they have their places.
    """
    return [*_Lessons(course, [*past, *logged], first - len(past)).since(first)]


class _Lessons:
    def __init__(self, course: Course, lines: Sequence[bytes], oldest: int):
        self._course = course
        self._low, self._high = policy.cost_range(course.arguments)
        self._lines = lines
        self._oldest = oldest
        self._made: dict[int, Taught | None] = {}

    def since(self, first: int) -> Iterator[Taught]:
        replay = self._course.replay
        for position in range(first, self._oldest + len(self._lines)):
            if (news := self._lesson(position)) is not None:
                yield news
                drawn = [] if self._is_busy(position) else replay.draws(position, self._oldest)
                yield from filter(None, map(self._lesson, drawn))

    def _is_busy(self, position: int) -> bool:
        """A loop that has only just begun is not."""
        replay = self._course.replay
        earlier = position - replay.reach
        if not replay.events or earlier < self._oldest:
            return False
        began, ended = map(dsjson.ranked_at, (self._line(earlier), self._line(position)))
        return replay.is_busy(abs(ended - began))  # what waits long stands behind what came later

    def _lesson(self, position: int) -> Taught | None:
        if position not in self._made:
            self._made[position] = self._make(position)
        return self._made[position]

    def _make(self, position: int) -> Taught | None:
        line = self._line(position)
        if dsjson.skipped(line):
            return None
        cost = self._course.cost_offset - dsjson.reward(line)
        within = min(max(cost, self._low), self._high)
        return Taught(position, dsjson.with_cost(line, within))

    def _line(self, position: int) -> bytes:
        return self._lines[position - self._oldest]
