"""A whole evaluation in a few words: what a state machine calls, one after the other."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from personalizer.adapters.memory_jobs import MemoryJobs
from personalizer.domain.evaluation.job import Job, Kind, Status
from personalizer.domain.evaluation.result import EvaluationResult
from personalizer.usecases.evaluation import settle
from personalizer.usecases.evaluation.tasks import Tasks
from tests.factories import NOW, House


def a_wanted_job(house: House, kind: Kind = Kind.EVALUATION, **changes: Any) -> Job:
    """Of all that the house's loop has decided."""
    now = house.clock.now
    job = Job("default", kind, "e-1", "mine", NOW, now, now, "v1.0", house.head.epoch)
    return replace(job, **changes)


def tasks_of(house: House, jobs: MemoryJobs) -> Tasks:
    def adopt(job: Job, result: EvaluationResult) -> tuple[Status, str]:
        return Status.ONLINE_POLICY_RETAINED, f"{result.optimal} stays"

    return Tasks(
        jobs, house.loops, house.objects, house.memory_objects, house.engine, adopt, house.clock
    )


def evaluated(
    house: House, job: Job, has_time: Callable[[], bool] = lambda: False, times: int = 1
) -> Job:
    """The job at its end. Every task is done so many times, as if some had not been heard of."""
    jobs = MemoryJobs(house.memory_loops)
    jobs.create(job)
    tasks = tasks_of(house, jobs)
    for part in planned(tasks, job, has_time, times) * times:
        tasks.gather(job.ref, part)
    while studies := tasks.choose(job.ref):
        for study in studies * times:
            while not tasks.study(job.ref, study, has_time):
                pass
    tasks.conclude(job.ref)
    done = settle.present(jobs, job.ref)
    assert done is not None
    return done


def planned(
    tasks: Tasks, job: Job, has_time: Callable[[], bool] = lambda: False, times: int = 1
) -> list[int]:
    """The parts, once all are found."""
    found = None
    while found is None:
        for _ in range(times):
            found = tasks.plan(job.ref, has_time)
    return [*found]
