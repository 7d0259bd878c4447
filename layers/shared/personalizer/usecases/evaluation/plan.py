"""Which part of a loop's log a job reads, and by which settings: fixed when its run begins."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from personalizer.domain.commit import Commit
from personalizer.domain.evaluation.job import Job, Named
from personalizer.domain.health import Range
from personalizer.domain.loop import Configuration, Head, LoopState, ObjectRef
from personalizer.domain.replay import Replay
from personalizer.errors import ObjectCorrupt, ObjectMissing
from personalizer.ports import Objects
from personalizer.usecases import chain, health, policies
from personalizer.usecases.evaluation.terms import Terms

SEARCH_SECONDS = 3_600.0
PART_LINES = 10_000
PART_SEGMENTS = 500


@dataclass(frozen=True, slots=True)
class Segment:
    """Of the log: `lines` from the one numbered `first_line` on."""

    log: ObjectRef
    first_line: int
    lines: int


@dataclass(frozen=True, slots=True)
class Plan:
    """`present` is the loop's own policy. Decisions ranked from `start` until before `until` are
    scored (epoch ms); all lines of the span are learned, each by its number in the log. A search
    may take so many `seconds` of computing. `is_broken`: what came before could not be read."""

    present: Named
    cost_offset: float
    replay: Replay
    exploration: float
    rewards: Range
    start: int
    until: int
    first_line: int
    end_line: int
    seconds: float
    parts: tuple[tuple[Segment, ...], ...]
    is_broken: bool = False

    @property
    def lines(self) -> int:
        return self.end_line - self.first_line

    def terms(self, rewards: Range) -> Terms:
        return Terms(
            self.cost_offset, self.replay, self.exploration, rewards, self.start, self.until
        )


def made(objects: Objects, state: LoopState, job: Job) -> Plan:
    """Raises ObjectMissing or ObjectCorrupt for the loop's policy."""
    settings = state.configuration
    until = job.until(settings.reward_wait_ms)
    chosen = policies.read(objects, state.head.policy)
    present = Named(chosen.name, chosen.arguments)
    segments, is_broken = _segments(objects, state.head, job.start, until)
    return of(present, settings, job.start, until, parted(segments), is_broken=is_broken)


def of(
    present: Named,
    settings: Configuration,
    start: int,
    until: int,
    parts: tuple[tuple[Segment, ...], ...],
    *,
    seconds: float = SEARCH_SECONDS,
    is_broken: bool = False,
) -> Plan:
    first = parts[0][0].first_line if parts else 0
    end = parts[-1][-1].first_line + parts[-1][-1].lines if parts else 0
    return Plan(
        present=present,
        cost_offset=settings.cost_offset,
        replay=settings.replay,
        exploration=settings.exploration,
        rewards=health.unproven(present.arguments, settings.cost_offset).range,
        start=start,
        until=until,
        first_line=first,
        end_line=end,
        seconds=seconds,
        parts=parts,
        is_broken=is_broken,
    )


def parted(segments: Sequence[Segment]) -> tuple[tuple[Segment, ...], ...]:
    """In portions that a function can take."""
    parts: list[tuple[Segment, ...]] = []
    part: list[Segment] = []
    lines = 0
    for segment in segments:
        if part and (lines + segment.lines > PART_LINES or len(part) == PART_SEGMENTS):
            parts.append(tuple(part))
            part, lines = [], 0
        part.append(segment)
        lines += segment.lines
    return (*parts, tuple(part)) if part else tuple(parts)


def _segments(objects: Objects, head: Head, start: int, until: int) -> tuple[list[Segment], bool]:
    """Without gaps from the first that has anything of the range to the last, oldest first; and
    whether the chain broke before its beginning."""
    newest_first: list[tuple[Commit, bool]] = []
    is_broken = False
    try:
        for commit in takewhile(lambda c: c.model.made_at >= start, _kept(objects, head)):
            meets = commit.first_ranked_at < until and commit.last_ranked_at >= start
            newest_first.append((commit, meets and commit.trained > 0))
    except (ObjectMissing, ObjectCorrupt):
        is_broken = True
    within = [at for at, (_, meets) in enumerate(newest_first) if meets]
    span = newest_first[within[0] : within[-1] + 1] if within else []
    return [
        Segment(c.log, c.first_line, c.trained) for c, _ in reversed(span) if c.trained
    ], is_broken


def _kept(objects: Objects, head: Head) -> Iterator[Commit]:
    """Without what makes commits large."""
    for commit in chain.kept(objects, head):
        yield replace(commit, seen={}, positions={}, days=())
