"""A function at work: it stops before and after every call of a port, until it is told to go on.

What happens there is its driver's choice: the call is done, fails, goes unheard or is repeated; any
other function runs in between; or this one is never heard of again.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Any

from greenlet import greenlet

from personalizer.errors import InfrastructureError


class Fate(StrEnum):
    """What becomes of a call."""

    DONE = "done"
    UNAVAILABLE = "unavailable"
    """The service does nothing and says so, or says nothing."""
    UNHEARD = "unheard"
    """The service does it, but its answer never arrives."""
    REPEATED = "repeated"
    """The answer is lost and the SDK, by itself, asks again."""
    PARTIAL = "partial"
    """Kinesis takes some of the records."""
    THROTTLED = "throttled"
    """Kinesis takes only some of the records, however often this function tries."""


class End(StrEnum):
    RETURNED = "returned"
    FAILED = "failed"
    CRASHED = "crashed"


class Crash(BaseException):
    """The process is gone: nothing in it catches that."""


class Process:
    """`ended` is told of its end, whatever that was; then `answer` is what the work came to."""

    def __init__(
        self, function: str, work: Callable[[], object], ended: Callable[["Process"], None]
    ):
        self.function = function
        self.end: End | None = None
        self.answer: object = None
        self.forgotten = False
        """Whoever started it has given it up for dead."""
        self.fate = Fate.DONE
        """Of its present call."""
        self.refusals = 0
        self._work = work
        self._ended = ended
        self._thread: Any = greenlet(self._run)

    def advance(self, fate: Fate = Fate.DONE) -> None:
        """To the next stop; to its end if there is none."""
        if self.fate is not Fate.THROTTLED:
            self.fate = fate
        self._thread.switch(fate)

    def crash(self) -> None:
        self._thread.throw(Crash)

    def stop(self) -> Fate:
        """Called from within: wait for the driver to say how it goes on."""
        fate: Fate = self._thread.parent.switch()
        return fate

    def _run(self, _: Fate) -> None:
        self.end = self._worked()
        self._ended(self)

    def _worked(self) -> End:
        try:
            self.answer = self._work()
        except Crash:
            return End.CRASHED
        except InfrastructureError:
            return End.FAILED
        except ExceptionGroup as faults:
            if faults.split(InfrastructureError)[1]:
                raise
            return End.FAILED
        return End.RETURNED


class Processes:
    """Those that have not ended yet. What runs outside of any is not interrupted."""

    def __init__(self) -> None:
        self.alive: list[Process] = []
        self.current: Process | None = None

    def start(
        self, function: str, work: Callable[[], object], ended: Callable[[Process], None]
    ) -> Process:
        process = Process(function, work, ended)
        self.alive.append(process)
        self.advance(process)
        return process

    def advance(self, process: Process, fate: Fate = Fate.DONE) -> None:
        self.current = process
        try:
            process.advance(fate)
        finally:
            self._suspended(process)

    def crash(self, process: Process) -> None:
        self.current = process
        process.crash()
        self._suspended(process)

    def finish(self) -> None:
        """Let everything that is still at work, zombies too, come to its end."""
        while self.alive:
            self.advance(self.alive[0])

    def _suspended(self, process: Process) -> None:
        self.current = None
        if process.end is not None:
            self.alive.remove(process)
