"""Read a part of a job's log: pack it for the studies, and add up what needs no study."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Self

import msgspec

from personalizer.batches import batches
from personalizer.domain.evaluation.candidates import Namespaces
from personalizer.domain.evaluation.census import Census
from personalizer.domain.evaluation.result import NAMED, Read
from personalizer.errors import ObjectCorrupt, ObjectMissing
from personalizer.ports import Objects
from personalizer.usecases import chain
from personalizer.usecases.evaluation import desk as desks
from personalizer.usecases.evaluation import namespaces
from personalizer.usecases.evaluation.counting import counted as counts
from personalizer.usecases.evaluation.desk import Desk
from personalizer.usecases.evaluation.fixed import Fixed, fixed
from personalizer.usecases.evaluation.parts import Part, Run
from personalizer.usecases.evaluation.plan import Plan
from personalizer.usecases.evaluation.portions import Segment
from personalizer.usecases.evaluation.terms import Terms

PIECE_BYTES = 32 * 1024 * 1024


SAMPLE = 500
"""So many lines of a part tell which namespaces there are."""


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


def runs(objects: Objects, segments: Sequence[Segment]) -> tuple[list[Run], Read]:
    """The lines of these segments, as far as they can be read."""
    found: list[Run] = []
    lost: list[Segment] = []
    for segment in segments:
        try:
            lines = chain.lines(objects, segment.log)
            if len(lines) != segment.lines:
                raise ObjectCorrupt(segment.log.key)
        except (ObjectMissing, ObjectCorrupt):
            lost.append(segment)
            continue
        if found and found[-1].end == segment.first_line:
            found[-1] = Run(found[-1].first, [*found[-1].lines, *lines])
        else:
            found.append(Run(segment.first_line, lines))
    keys = tuple(segment.log.key for segment in lost[:NAMED])
    lines_lost = sum(segment.lines for segment in lost)
    return found, Read(len(segments), lost=len(lost), lost_lines=lines_lost, lost_keys=keys)


def pieces(found: Sequence[Run]) -> Iterator[Part]:
    """As much at a time as a study may hold in memory."""
    for run in found:
        first = run.first
        for some in batches(run.lines, len, PIECE_BYTES):
            yield [Run(first, some)]
            first += len(some)


def told(terms: Terms, found: Sequence[Run], read: Read, *, counting: bool) -> Gathered:
    """What these lines tell."""
    lines = [line for run in found for line in run.lines]
    known = fixed(found, terms)
    scored, unsupported = len(lines) - known.others, known.unsupported
    counted = replace(read, scored=scored, others=known.others, unsupported=unsupported)
    census = counts(lines) if counting else Census()
    return Gathered(counted, known, namespaces.of(lines[:SAMPLE]), census)


def lay(
    desk: Desk, plan: Plan, part: int, found: Sequence[Run], read: Read, *, counting: bool
) -> None:
    """What was read of a part, for the studies, and what it tells."""
    for number, piece in enumerate(pieces(found)):
        desk.lay_piece(part, number, piece)
    known = replace(read, is_broken=plan.is_broken)
    desk.lay(desks.gathered(part), told(plan.terms(plan.rewards), found, known, counting=counting))
