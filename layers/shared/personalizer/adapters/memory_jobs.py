"""Evaluations in memory, and a runner that only takes note of what it is asked."""

from collections.abc import Sequence
from threading import Lock

from personalizer.adapters.memory import MemoryLoops
from personalizer.domain.evaluation.job import Job, Kind, Status
from personalizer.errors import LoopNotFound


class MemoryJobs:
    """Of the loops in this store."""

    def __init__(self, loops: MemoryLoops):
        self._loops = loops
        self._lock = Lock()
        self._jobs: dict[tuple[str, Kind, str], Job] = {}

    def create(self, job: Job) -> bool:
        self._loops.state(job.loop)
        with self._lock:
            return self._jobs.setdefault(_place(job), job) == job

    def get(self, loop: str, kind: Kind, job_id: str) -> Job | None:
        return self._jobs.get((loop, kind, job_id)) if self._exists(loop) else None

    def of(self, loop: str, kind: Kind) -> Sequence[Job]:
        found = [job for place, job in self._jobs.items() if place[:2] == (loop, kind)]
        newest_first = sorted(found, key=lambda job: (job.created_at, job.id), reverse=True)
        return newest_first if self._exists(loop) else []

    def replace(self, old: Job, new: Job) -> bool:
        with self._lock:
            found = self._jobs.get(_place(new))
            if found is None or _condition(found) != _condition(old):
                return found == new
            self._jobs[_place(new)] = new
            return True

    def delete(self, loop: str, kind: Kind, job_id: str) -> bool:
        with self._lock:
            return self._jobs.pop((loop, kind, job_id), None) is not None

    def forget(self, loop: str) -> Sequence[Job]:
        with self._lock:
            places = [place for place in self._jobs if place[0] == loop]
            return [self._jobs.pop(place) for place in places]

    def _exists(self, loop: str) -> bool:
        try:
            self._loops.state(loop)
        except LoopNotFound:
            return False
        return True


class MemoryRunner:
    def __init__(self) -> None:
        self.started: list[Job] = []
        self.stopped: list[str] = []

    def start(self, job: Job) -> str:
        self.started.append(job)
        return job.run

    def stop(self, execution: str) -> None:
        self.stopped.append(execution)


def _condition(job: Job) -> tuple[int, Status, str]:
    return job.created_at, job.status, job.execution


def _place(job: Job) -> tuple[str, Kind, str]:
    return job.loop, job.kind, job.id
