"""A job's log in parts that a function can take, laid one by one as the chain is followed back."""

from dataclasses import dataclass

import msgspec

from personalizer.domain.loop import ObjectRef
from personalizer.usecases.evaluation import desk as desks
from personalizer.usecases.evaluation.desk import Desk

PART_LINES = 10_000
PART_SEGMENTS = 500


@dataclass(frozen=True, slots=True)
class Segment:
    """Of the log: `lines` from the one numbered `first_line` on."""

    log: ObjectRef
    first_line: int
    lines: int


class Portions(msgspec.Struct):
    """Segments come newest first, and so do parts: so many are `laid`. The `rest` of the segments,
    of so many `lines`, is no part yet.

    From the first segment that has anything of the job's range to the last one so far all is in
    it, without gaps: so many `parts`, of which the last with so many segments (`last`), and of the
    rest so many (`counted`); or the log from the line `first_line` to before `end_line`.
    """

    laid: int = 0
    rest: list[Segment] = []
    lines: int = 0
    parts: int = 0
    last: int = 0
    counted: int = 0
    first_line: int = 0
    end_line: int = 0

    def add(self, desk: Desk, segment: Segment, *, meets: bool) -> None:
        """The segment that comes before all others; `meets`: it has something of the range."""
        if not self.end_line:
            if not meets:
                return
            self.end_line = segment.first_line + segment.lines
        if self._is_full(segment):
            self._lay(desk)
        self.rest.append(segment)
        self.lines += segment.lines
        if meets:
            self.counted, self.first_line = len(self.rest), segment.first_line

    def close(self, desk: Desk) -> None:
        """No segment comes any more."""
        if self.counted:
            del self.rest[self.counted :]
            self._lay(desk)
        elif self.parts:
            name = desks.segments(self.parts - 1)
            desk.lay(name, desk.take(name, list[Segment])[-self.last :])

    def _is_full(self, segment: Segment) -> bool:
        too_many = self.lines + segment.lines > PART_LINES or len(self.rest) == PART_SEGMENTS
        return bool(self.rest) and too_many

    def _lay(self, desk: Desk) -> None:
        """In the order of the log."""
        desk.lay(desks.segments(self.laid), self.rest[::-1])
        self.laid += 1
        if self.counted:
            self.parts, self.last = self.laid, self.counted
        self.rest, self.lines, self.counted = [], 0, 0
