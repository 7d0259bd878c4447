"""Watch over a policy that an evaluation put in place: it goes if the one before would have done
better.

Once it is all but certain that the model before, as it was, would have earned more of the decisions
since, the loop goes back to it. However often one looks, and however long, a policy that is as good
is taken back with a chance of 1/20 at most.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice

from personalizer.domain.evaluation.job import Job, Kind, Status
from personalizer.domain.evaluation.watch import Watch
from personalizer.domain.loop import Head
from personalizer.errors import CostsChanged, ObjectCorrupt, ObjectMissing, Overruled
from personalizer.ports import Engine, Jobs, Loops, Objects, Workbench
from personalizer.usecases import policies, steer
from personalizer.usecases.evaluation import reign
from personalizer.usecases.evaluation.looking import Looking
from personalizer.usecases.evaluation.watches import Watches
from personalizer.usecases.mandate import Mandate, check_epoch
from personalizer.usecases.models.placing import Placing


@dataclass(frozen=True, slots=True)
class Watched:
    """`events`: decisions looked at so far. `gain`: of the model before, per decision, at the least
    and at the most. `is_behind`: there was no time to look at what is new."""

    loop: str
    job: str
    events: int
    gain: tuple[float, float]
    is_behind: bool = False
    is_rolled_back: bool = False


class Watching:
    """`clock` gives epoch ms; `new_change_id` a name that no other change will ever use."""

    def __init__(
        self,
        jobs: Jobs,
        loops: Loops,
        objects: Objects,
        workbench: Workbench,
        engine: Engine,
        clock: Callable[[], int],
        new_change_id: Callable[[], str],
    ):
        self._jobs = jobs
        self._loops = loops
        self._objects = objects
        self._watches = Watches(objects, workbench)
        self._look = Looking(objects, self._watches, engine, clock)
        self._placing = Placing(loops, objects, engine, clock, new_change_id)
        self._clock = clock
        self._new_change_id = new_change_id

    def unattended(self, loop: str) -> int | None:
        """Since when (epoch ms); None where there is nothing to watch."""
        present = self._watched(self._loops.state(loop, consistent=True).head)
        return present[1].attended_at if present else None

    def __call__(self, loop: str, has_time: Callable[[], bool]) -> Watched | None:
        """Look at what is new; None where there is nothing to watch."""
        state = self._loops.state(loop, consistent=True)
        present = self._watched(state.head)
        if present is None:
            return None
        job, watch = present
        if has_time():  # whatever comes of it, others have their turn first
            watch = self._watches.attended(job, watch, self._clock())
        found = watch if watch.is_lost else self._look(state, job, watch, has_time)
        self._watches.keep(job, found)
        if found.is_lost:
            if not self._goes_back(state.head, job, found):
                return None
            self._tell_of_return(job)
        width, gain = found.rewards.width, found.gain.bounds()
        return Watched(
            loop,
            job.id,
            found.gain.events,
            (gain[0] * width, gain[1] * width),
            is_behind=found is watch and not found.is_lost,
            is_rolled_back=found.is_lost,
        )

    def _watched(self, head: Head) -> tuple[Job, Watch] | None:
        """What there is to watch. What others did and died before they told, is told first."""
        job = self._last_applied(head)
        if job is None:
            return None
        applied = reign.applied(self._objects, head, job)
        if applied is None:  # somebody chose otherwise since; or that was a look that died
            if former := reign.taken_back(self._objects, head, job):
                self._tell_of_return(replace(job, optimal=former.name))
            return None
        job = replace(job, optimal=applied.name)
        if job.status.is_over:  # what is not may yet tell it by itself
            job = self._tell(job, Status.OPTIMAL_POLICY_APPLIED)
        watch = self._watches.begin(job, head)
        return (job, watch) if watch and (watch.is_lost or not watch.is_over) else None

    def _last_applied(self, head: Head) -> Job | None:
        """Whatever it says itself: its run may have died before it told."""
        automatic = [job for job in self._jobs.of(head.loop, Kind.EVALUATION) if job.is_automatic]
        run = policies.read(self._objects, head.policy).run if automatic else ""
        return next((job for job in automatic if job.run == run), None)

    def _tell(self, job: Job, status: Status, reason: str = "") -> Job:
        told = replace(job, status=status, reason=reason)
        if told != job:
            self._jobs.replace(job, told)
        return told

    def _tell_of_return(self, job: Job) -> None:
        reason = f"{job.optimal} was applied, did worse than what was before, and was taken back"
        self._tell(job, Status.ONLINE_POLICY_RETAINED, reason)

    def _goes_back(self, head: Head, job: Job, watch: Watch) -> bool:
        """False where somebody chose otherwise meanwhile."""
        mandate = Mandate(job.run, partial(check_epoch, epoch=watch.epoch))
        try:
            self._go_back(head, watch, mandate)
        except Overruled:
            return False
        return True

    def _go_back(self, head: Head, watch: Watch, mandate: Mandate) -> None:
        try:
            self._placing.roll_back(head.loop, watch.before, mandate)
        except (CostsChanged, ObjectMissing, ObjectCorrupt):
            # The policy at least: its model will be learned again from the log.
            _, before = islice(policies.history(self._objects, head.policy), 2)
            change_id, now = self._new_change_id(), self._clock()
            steer.set_policy(
                self._loops, self._objects, head.loop, before.policy, change_id, now, mandate
            )
