"""Look for better policies when a loop's settings want it, once in each period."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from personalizer.domain.commit import Commit
from personalizer.domain.evaluation import schedule
from personalizer.domain.evaluation.job import Job, Kind
from personalizer.domain.event import LearningMode
from personalizer.domain.loop import LoopState
from personalizer.errors import JobExists, JobRefused
from personalizer.ports import Loops, Objects
from personalizer.usecases import chain, policies
from personalizer.usecases.evaluation.jobs import Evaluations, Wanted

VERSION = "v1.0"
"""Of the API: later ones may look at it too."""


@dataclass(frozen=True, slots=True)
class Due:
    """A loop whose time has come, and the evaluation that was made; without one, why not."""

    loop: str
    job: Job | None
    reason: str = ""


class Optimise:
    """`clock` gives epoch ms."""

    def __init__(
        self,
        evaluations: Evaluations,
        loops: Loops,
        objects: Objects,
        clock: Callable[[], int],
    ):
        self._evaluations = evaluations
        self._loops = loops
        self._objects = objects
        self._clock = clock

    def __call__(self, loop: str) -> Due | None:
        """None if it is not due. What is due and cannot be yet is tried again with every call."""
        state, now = self._loops.state(loop, consistent=True), self._clock()
        began = schedule.period(state.configuration.optimization, state.head.first_model_at, now)
        if began is None:
            return None
        wanted = self._wanted(state, began, now)
        automatic = self.history(loop)
        if wanted.id in {job.id for job in automatic}:
            return None
        if reason := self._against(state, wanted, automatic):
            return Due(loop, None, reason)
        try:
            return Due(loop, self._evaluations.create(loop, Kind.EVALUATION, wanted))
        except JobRefused as refusal:
            return Due(loop, None, str(refusal))
        except JobExists:  # another schedule was faster
            return None

    def history(self, loop: str) -> list[Job]:
        """Those that nobody asked for, newest first."""
        return [job for job in self._evaluations.of(loop, Kind.EVALUATION) if job.is_automatic]

    def prune(self, loop: str) -> int:
        """Let go of the oldest of them; how many that were."""
        old = [job for job in self.history(loop)[schedule.HISTORY :] if job.status.is_over]
        for job in old:
            self._evaluations.delete(loop, job.kind, job.id)
        return len(old)

    def _wanted(self, state: LoopState, began: int, now: int) -> Wanted:
        """What was ranked since the policy was set: before, something else was served."""
        set_at = policies.read(self._objects, state.head.policy).set_at
        day = datetime.fromtimestamp(began / 1000, UTC)
        return Wanted(
            id=f"auto-{day:%Y%m%dT%H%M%S}",
            name=f"Automatic, {day:%Y-%m-%d}",
            start=max(now - schedule.LOOKED_AT_MS, set_at),
            end=now,
            version=VERSION,
            optimise=True,
            is_automatic=True,
        )

    def _against(self, state: LoopState, wanted: Wanted, automatic: list[Job]) -> str:
        if state.configuration.learning_mode is not LearningMode.ONLINE:
            return "the loop does not serve what its model decides"
        if any(not job.status.is_over for job in automatic):
            return "the last one is not over"
        events = self._events_since(state, wanted.start)
        if events < schedule.LEAST_EVENTS:
            return f"{events} events since then, of at least {schedule.LEAST_EVENTS}"
        return ""

    def _events_since(self, state: LoopState, start: int) -> int:
        if state.head.commit is None:
            return 0
        days = chain.decoded(self._objects, state.head.commit, Commit).days
        return schedule.lines_since(days, start)
