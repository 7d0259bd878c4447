"""Studies on all cores: each goes on for some seconds, then says how far it is, and goes on."""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from concurrent.futures.process import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context
from pathlib import Path

from cli.evaluation.folder import Folder
from personalizer import bootstrap
from personalizer.adapters.memory import MemoryLoops
from personalizer.adapters.memory_jobs import MemoryJobs
from personalizer.adapters.vw import VwEngine
from personalizer.domain.evaluation.job import Job, Status
from personalizer.domain.evaluation.result import EvaluationResult
from personalizer.domain.loop import LoopState
from personalizer.usecases.evaluation.tasks import Tasks

SLICE_S = 10.0


@dataclass(frozen=True, slots=True)
class Place:
    """What a process must know to study: the folder that all is in, the loop, and the job."""

    folder: Path
    state: LoopState
    job: Job

    def pursue(self, study: str) -> bool:
        """For a while; whether it is over."""
        end, folder, loops = time.monotonic() + SLICE_S, Folder(self.folder), MemoryLoops()
        loops.create(self.job.loop, self.state)
        jobs = MemoryJobs(loops)
        jobs.create(self.job)
        tasks = Tasks(jobs, loops, folder, folder, _engine(), nothing_more, bootstrap.now)
        return tasks.study(self.job.ref, study, lambda: time.monotonic() < end)


def nothing_more(_job: Job, _result: EvaluationResult) -> tuple[Status, str]:
    """What becomes of an evaluation on this machine: whoever asked for it decides."""
    return Status.SUCCEEDED, ""


def executor(workers: int) -> Executor:
    """The learner is a process of its own anyway; what surrounds it takes as long again."""
    if workers == 1:
        return ThreadPoolExecutor(1)
    return ProcessPoolExecutor(workers, mp_context=get_context("spawn"))


def all_of(pool: Executor, place: Place, studies: Sequence[str]) -> Iterator[None]:
    """Pursue them to their ends. Yields whenever one has come further."""

    def begun(study: str) -> Future[bool]:
        return pool.submit(place.pursue, study)

    running = {begun(study): study for study in studies}
    while running:
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            study = running.pop(future)
            if not future.result():
                running[begun(study)] = study
        yield


@cache
def _engine() -> VwEngine:
    """Starting one takes longer than many a slice."""
    return VwEngine()
