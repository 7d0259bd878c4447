"""What evaluations hold of a loop's log, copies of it most of all: it goes with the log, with the
loop, and with time, whatever became of the run that laid it there."""

from collections.abc import Callable, Iterator

from personalizer.domain import names
from personalizer.domain.evaluation.job import Job, Kind, Status
from personalizer.domain.loop import DAY_MS, FOREVER
from personalizer.ports import Jobs, Loops, Runner, Workbench
from personalizer.usecases.evaluation import desk as desks
from personalizer.usecases.evaluation import settle
from personalizer.usecases.evaluation.desk import Desk

LOG_DELETED = "the loop's log was deleted meanwhile"
OUTLIVED = "it took longer than the loop's log is kept"


class Leftovers:
    """`clock` gives epoch ms."""

    def __init__(
        self,
        jobs: Jobs,
        loops: Loops,
        workbench: Workbench,
        runner: Runner,
        clock: Callable[[], int],
    ):
        self._jobs = jobs
        self._loops = loops
        self._workbench = workbench
        self._runner = runner
        self._clock = clock

    def of_deleted_log(self, loop: str) -> None:
        """Whatever works on the log ends, and has no copy of it any more."""
        for job in self._unfinished(loop):
            self._end(job, LOG_DELETED)

    def of_deleted_loop(self, loop: str) -> None:
        for job in self._jobs.forget(loop):
            self._stop(job)
        self._workbench.delete(self._workbench.keys(names.jobs(loop)))

    def outdated(self, loop: str) -> None:
        """Copies that are older than the loop wants its log kept, and what was laid down for a job
        that was over or gone: nobody could tell its tasks in time. Raises LoopNotFound."""
        days = self._loops.state(loop, consistent=True).configuration.log_retention_days
        oldest = self._clock() - days * DAY_MS
        for job in self._unfinished(loop) if days != FOREVER else ():
            if job.created_at < oldest:
                self._end(job, OUTLIVED)
        self._workbench.delete([*self._waste(loop)])

    def _waste(self, loop: str) -> Iterator[str]:
        keys = [*self._workbench.keys(names.jobs(loop))]
        # Only then the jobs: so whatever was found is of one of them, unless that is gone.
        jobs = {names.job(*job.ref): job for job in self._of(loop)}
        for key in keys:
            folder, _, name = key.rpartition("/")
            job = jobs.get(f"{folder}/")
            if job is None or desks.is_waste(name, job):
                yield key

    def _end(self, job: Job, reason: str) -> None:
        if settle.finish(self._jobs, job, Status.FAILED, reason):
            self._stop(job)
            Desk(self._workbench, job.ref).tidy()

    def _stop(self, job: Job) -> None:
        if not job.status.is_over and job.execution:
            self._runner.stop(job.execution)

    def _unfinished(self, loop: str) -> list[Job]:
        return [job for job in self._of(loop) if not job.status.is_over]

    def _of(self, loop: str) -> list[Job]:
        return [job for kind in Kind for job in self._jobs.of(loop, kind)]
