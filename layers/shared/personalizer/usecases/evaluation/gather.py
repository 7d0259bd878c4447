"""Read a part of a job's log: pack it for the studies, and add up what needs no study."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import reduce
from typing import Self

import msgspec

from personalizer.domain.evaluation.candidates import Namespaces
from personalizer.domain.evaluation.census import Census
from personalizer.domain.evaluation.result import ONLINE, Read
from personalizer.errors import ObjectCorrupt, ObjectMissing
from personalizer.ports import Objects
from personalizer.usecases import chain
from personalizer.usecases.evaluation import desk as desks
from personalizer.usecases.evaluation.counting import Counter
from personalizer.usecases.evaluation.desk import Desk
from personalizer.usecases.evaluation.fixed import Fixed
from personalizer.usecases.evaluation.namespaces import Survey
from personalizer.usecases.evaluation.packing import Packing
from personalizer.usecases.evaluation.plan import Plan
from personalizer.usecases.evaluation.portions import Segment


class Gathered(msgspec.Struct, frozen=True):
    """Of a part of the log, or of several: what was read, the policies that learn nothing, and what
    namespaces and (for those who ask about them) features there are."""

    read: Read
    fixed: Fixed
    namespaces: Namespaces
    census: Census

    def __add__(self, other: Self) -> Self:
        return type(self)(
            self.read + other.read,
            self.fixed + other.fixed,
            self.namespaces + other.namespaces,
            self.census + other.census,
        )


def added_up(found: Iterable[Gathered]) -> Gathered:
    """Parts of a log, one or more, in its order. Neighbours first, then neighbours of these: most
    windows of time are in few parts, and would be copied for each of thousands."""
    sums = list[tuple[int, Gathered]]()
    for each in found:
        parts, total = 1, each
        while sums and sums[-1][0] == parts:
            total = sums.pop()[1] + total
            parts *= 2
        sums.append((parts, total))
    return reduce(lambda later, earlier: earlier + later, (total for _, total in sums[::-1]))


def gather(
    objects: Objects,
    desk: Desk,
    plan: Plan,
    part: int,
    segments: Sequence[Segment],
    *,
    counting: bool,
) -> None:
    """Of one segment after the other, whatever they are together."""
    packing, telling = Packing(desk, part), _Telling(plan, counting=counting)
    for segment in segments:
        lines = _read(objects, segment)
        telling.add(segment, lines)
        packing.add(segment.first_line, lines or ())
    packing.close()
    desk.lay(desks.gathered(part), telling.told())


def _read(objects: Objects, segment: Segment) -> list[bytes] | None:
    """None if it is lost."""
    try:
        lines = chain.lines(objects, segment.log)
    except (ObjectMissing, ObjectCorrupt):
        return None
    return lines if len(lines) == segment.lines else None


class _Telling:
    """What the lines of a part tell."""

    def __init__(self, plan: Plan, *, counting: bool):
        self._terms = plan.terms(plan.rewards)
        self._read = Read(0, is_broken=plan.is_broken)
        self._fixed = Fixed()
        self._survey = Survey()
        self._counter = Counter() if counting else None

    def add(self, segment: Segment, lines: Sequence[bytes] | None) -> None:
        if lines is None:
            self._read += Read(1, lost=1, lost_lines=segment.lines, lost_keys=(segment.log.key,))
            return
        self._read += Read(1)
        for line in lines:
            self._fixed.add(line, self._terms)
            self._survey.add(line)
            if self._counter:
                self._counter.add(line)

    def told(self) -> Gathered:
        fixed, census = self._fixed, self._counter.census if self._counter else Census()
        scored = fixed.policies[ONLINE].total.events
        read = replace(
            self._read, scored=scored, others=fixed.others, unsupported=fixed.unsupported
        )
        return Gathered(read, fixed, self._survey.namespaces, census)
