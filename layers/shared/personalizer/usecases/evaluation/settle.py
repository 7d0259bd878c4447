"""The end of evaluations whose run cannot tell it: it was stopped, took too long, or died."""

from collections.abc import Callable
from dataclasses import replace

from personalizer.domain import names
from personalizer.domain.evaluation.job import Job, JobRef, Kind, Status
from personalizer.errors import JobFailed
from personalizer.ports import Jobs, Runner

ENDS = {
    "ABORTED": (Status.CANCELED, "its run was stopped"),
    "FAILED": (Status.FAILED, "its run failed"),
    "TIMED_OUT": (Status.TIMEOUT, "it took longer than it may"),
}
"""By the words of Step Functions."""

PATIENCE_MS = 600_000
"""After which nobody is about to start a job any more, or to say how it ended."""


def present(jobs: Jobs, ref: JobRef) -> Job | None:
    """The job as it is now; None if it is gone, whatever else has its id since."""
    job = jobs.get(ref.loop, ref.kind, ref.id)
    return job if job and job.ref == ref else None


def working(jobs: Jobs, ref: JobRef) -> Job:
    """Raises JobFailed if it is over, or gone: to go on would be for nothing."""
    job = present(jobs, ref)
    if job is None or job.status.is_over:
        raise JobFailed("It is over.")
    return job


def finish(jobs: Jobs, job: Job | None, status: Status, reason: str) -> bool:
    """False if it is gone, or was over before: then it stays as it is."""
    while job is not None and not job.status.is_over:
        if jobs.replace(job, replace(job, status=status, reason=reason)):
            return True
        job = present(jobs, job.ref)
    return False


class Settle:
    """`clock` gives epoch ms; `limit_ms` is how long a run may take."""

    def __init__(self, jobs: Jobs, runner: Runner, clock: Callable[[], int], limit_ms: int):
        self._jobs = jobs
        self._runner = runner
        self._clock = clock
        self._limit_ms = limit_ms

    def ended(self, execution: str, end: str) -> Job | None:
        """The job that was not over until its run ended like this."""
        loop = names.loop_of_run(execution)
        for job in self._of(loop):
            if job.run == execution:
                return job if finish(self._jobs, job, *ENDS[end]) else None
        return None

    def stragglers(self, loop: str) -> list[Job]:
        """Start what nobody has started, and end what nobody has ended; the jobs that these were.

        The news of a run's end may be lost, and whoever made a job may have died before its start.
        """
        found, now = list[Job](), self._clock()
        for job in self._of(loop):
            age = now - job.created_at
            if job.status is Status.NOT_SUBMITTED and age > PATIENCE_MS:
                execution = self._runner.start(job)
                known = replace(job, status=Status.RUNNING, execution=execution)
                found += [job] if self._jobs.replace(job, known) else []
            elif not job.status.is_over and age > self._limit_ms + PATIENCE_MS:
                if job.execution:
                    self._runner.stop(job.execution)
                found += [job] if finish(self._jobs, job, *ENDS["TIMED_OUT"]) else []
        return found

    def _of(self, loop: str) -> list[Job]:
        return [job for kind in Kind for job in self._jobs.of(loop, kind)]
