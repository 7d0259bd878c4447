"""Which part of a loop's log a job reads, and by which settings: fixed when its run begins."""

from collections.abc import Sequence
from dataclasses import dataclass

from personalizer.domain.evaluation.job import Job, Named
from personalizer.domain.health import Range
from personalizer.domain.loop import LoopState
from personalizer.domain.replay import Replay
from personalizer.ports import Objects
from personalizer.usecases import health, policies
from personalizer.usecases.evaluation.terms import Terms

SEARCH_SECONDS = 3_600.0


@dataclass(frozen=True, slots=True)
class Plan:
    """`present` is the loop's own policy. Decisions ranked from `start` until before `until` are
    scored (epoch ms); all lines of the span are learned, each by its number in the log. A search
    may take so many `seconds` of computing. `is_broken`: what came before could not be read.

    The log is in so many `parts`, numbered from the newest back, as they were found.
    """

    present: Named
    cost_offset: float
    replay: Replay
    exploration: float
    rewards: Range
    start: int
    until: int
    seconds: float = SEARCH_SECONDS
    first_line: int = 0
    end_line: int = 0
    parts: int = 0
    is_broken: bool = False

    @property
    def lines(self) -> int:
        return self.end_line - self.first_line

    @property
    def oldest_first(self) -> Sequence[int]:
        """The parts in the order of the log."""
        return range(self.parts - 1, -1, -1)

    def terms(self, rewards: Range) -> Terms:
        return Terms(
            self.cost_offset, self.replay, self.exploration, rewards, self.start, self.until
        )


def begun(objects: Objects, state: LoopState, job: Job) -> Plan:
    """As far as it is known before the log is looked at. Raises ObjectMissing or ObjectCorrupt for
    the loop's policy."""
    settings = state.configuration
    chosen = policies.read(objects, state.head.policy)
    present = Named(chosen.name, chosen.arguments)
    return Plan(
        present=present,
        cost_offset=settings.cost_offset,
        replay=settings.replay,
        exploration=settings.exploration,
        rewards=health.unproven(present.arguments, settings.cost_offset).range,
        start=job.start,
        until=job.until(settings.reward_wait_ms),
    )
