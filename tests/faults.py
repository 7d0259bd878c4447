"""Processes that die while they write, and others that write first."""

from personalizer.adapters.memory import MemoryLoops, MemoryObjects
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


class FragileObjects:
    def __init__(self, objects: MemoryObjects, countdown: Countdown):
        self.get, self._put, self._countdown = objects.get, objects.put, countdown

    def put(self, key: str, data: bytes) -> ObjectRef:
        with self._countdown:
            return self._put(key, data)


class FragileLoops:
    """The head of a loop, behind a countdown; `beaten` times somebody else is faster."""

    def __init__(self, loops: MemoryLoops, countdown: Countdown, beaten: int = 0):
        self._loops, self._countdown, self._beaten = loops, countdown, beaten
        self.all = self._loops.all
        self.create, self.add_key = self._loops.create, self._loops.add_key
        self.loop_of, self.configure = self._loops.loop_of, self._loops.configure

    def state(self, loop: str, *, consistent: bool = False) -> LoopState:
        assert consistent
        return self._loops.state(loop)

    def advance(self, old: Head, new: Head) -> bool:
        self._beaten -= 1
        if self._beaten >= 0:
            return False
        with self._countdown:
            return self._loops.advance(old, new)
