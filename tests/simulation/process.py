"""A function at work: it stops before and after every call of a port, until it is told to go on.

What happens there is its driver's choice: the call may be done, fail, go unheard or be repeated;
any other process may run in between; or this one is never heard of again.
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
    """The service does not answer, and has done nothing."""
    UNHEARD = "unheard"
    """The service has done it, but its answer never arrives."""
    REPEATED = "repeated"
    """The answer is lost and the SDK, by itself, asks again."""
    PARTIAL = "partial"
    """Kinesis takes some of the records."""
    THROTTLED = "throttled"
    """Kinesis goes on taking only some of the records, however often this process tries."""


class End(StrEnum):
    RETURNED = "returned"
    FAILED = "failed"
    CRASHED = "crashed"


class Crash(BaseException):
    """The process is gone: nothing in it catches that."""


class Process:
    """`ended` is told of its end, whatever that was; `answer` is what the function returned."""

    def __init__(
        self,
        name: str,
        work: Callable[[], object],
        ended: Callable[["Process"], None],
        faulty: Callable[[], None],
    ):
        self.name = name
        self.work = work
        self.end: End | None = None
        self.answer: object = None
        self.fate = Fate.DONE
        self.faulty = faulty
        self._ended = ended
        self._thread: Any = greenlet(self._run)

    def advance(self, fate: Fate) -> None:
        """To the next stop; at once to the end if there is none."""
        self._thread.switch(fate)

    def crash(self) -> None:
        self._thread.throw(Crash)
        if self.end is None:  # it had not even begun
            self._finish(End.CRASHED)

    def stop(self) -> Fate:
        """Called from within: wait for the driver."""
        fate: Fate = self._thread.parent.switch()
        self.fate = self.fate if self.fate is Fate.THROTTLED else fate
        return fate

    def _run(self, _: Fate) -> None:
        try:
            self.answer = self.work()
        except Crash:
            self._finish(End.CRASHED)
        except InfrastructureError:
            self._finish(End.FAILED)
        except ExceptionGroup as faults:
            if faults.split(InfrastructureError)[1]:
                raise
            self._finish(End.FAILED)
        else:
            self._finish(End.RETURNED)

    def _finish(self, end: End) -> None:
        self.end = end
        self._ended(self)
