"""Processes that die while they write, and others that write first."""

from collections.abc import Callable, Iterable

from personalizer.adapters.memory import MemoryLoops, MemoryObjects
from personalizer.adapters.memory_jobs import MemoryJobs
from personalizer.domain.evaluation.job import Job
from personalizer.domain.loop import Head, LoopState, ObjectRef


class Crash(BaseException):
    """The process is gone: nothing in it catches that."""


class Countdown:
    """Lets so many writes through, and crashes at the next: before it, or right after it."""

    def __init__(self, writes: int, *, after: bool = False):
        self.writes, self.after = writes, after

    def __enter__(self) -> None:
        if self.writes == 0 and not self.after:
            raise Crash

    def __exit__(self, *_: object) -> None:
        self.writes -= 1
        if self.writes < 0:
            raise Crash


class Overtaken(Countdown):
    """Lets so many writes through; just before the next, somebody else does something."""

    def __init__(self, writes: int, act: Callable[[], object]):
        super().__init__(writes)
        self.act = act

    def __enter__(self) -> None:
        if self.writes == 0:
            self.act()

    def __exit__(self, *_: object) -> None:
        self.writes -= 1


class FragileObjects:
    def __init__(self, objects: MemoryObjects, countdown: Countdown):
        self.get, self._put, self._countdown = objects.get, objects.put, countdown

    def put(self, key: str, data: bytes) -> ObjectRef:
        with self._countdown:
            return self._put(key, data)


class FragileBench(FragileObjects):
    """A workbench too."""

    def __init__(self, objects: MemoryObjects, countdown: Countdown):
        super().__init__(objects, countdown)
        self.read, self.keys, self._objects = objects.read, objects.keys, objects

    def write(self, key: str, data: bytes) -> None:
        with self._countdown:
            self._objects.write(key, data)

    def delete(self, keys: Iterable[str]) -> None:
        with self._countdown:
            self._objects.delete(keys)


class FragileJobs:
    def __init__(self, jobs: MemoryJobs, countdown: Countdown):
        self.create, self.get, self.of, self.delete = jobs.create, jobs.get, jobs.of, jobs.delete
        self.forget, self._replace, self._countdown = jobs.forget, jobs.replace, countdown

    def replace(self, old: Job, new: Job) -> bool:
        with self._countdown:
            return self._replace(old, new)


class FragileLoops:
    """The head of a loop, behind a countdown; `beaten` times somebody else is faster."""

    def __init__(self, loops: MemoryLoops, countdown: Countdown, beaten: int = 0):
        self._loops, self._countdown, self._beaten = loops, countdown, beaten
        self.create, self.configure = self._loops.create, self._loops.configure
        self.all, self.delete, self.forget = self._loops.all, self._loops.delete, self._loops.forget
        self.deleted, self.is_deleted = self._loops.deleted, self._loops.is_deleted

    def state(self, loop: str, *, consistent: bool = False) -> LoopState:
        assert consistent
        return self._loops.state(loop)

    def advance(self, old: Head, new: Head) -> bool:
        self._beaten -= 1
        if self._beaten >= 0:
            return False
        with self._countdown:
            return self._loops.advance(old, new)
