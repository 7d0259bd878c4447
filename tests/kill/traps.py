"""What waits for a call of a function, and does something to the process that makes it.

The proxy asks before it forwards a call, and again when it has the answer but has not delivered it:
so the product needs no hooks, and a process dies exactly between two of its writes.
"""

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from threading import Event, Lock

THROTTLED = (
    b'{"FailedRecordCount": 1, "Records":'
    b' [{"ErrorCode": "ProvisionedThroughputExceededException", "ErrorMessage": ""}]}'
)


class Moment(StrEnum):
    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class Caller:
    """A process that runs a function, as it says of itself in Lambda's trace header."""

    function: str
    pid: int

    @classmethod
    def parse(cls, trace: str) -> "Caller":
        function, _, pid = trace.partition(":")
        return cls(function, int(pid))


class Gone(Exception):
    """The caller gets no answer."""


class Instead(Exception):
    """The caller gets this answer, whatever the true one is."""

    def __init__(self, body: bytes):
        super().__init__()
        self.body = body


type Deed = Callable[[Caller], None]
"""Done while the call waits. It may raise Gone or Instead."""


@dataclass
class Trap:
    """Does its deed once, at the `nth` such call of the function."""

    function: str
    moment: Moment
    call: str
    deed: Deed
    nth: int = 1
    sprung: Event = field(default_factory=Event)

    def meets(self, caller: Caller, moment: Moment, call: str) -> bool:
        if (caller.function, moment, call) != (self.function, self.moment, self.call):
            return False
        self.nth -= 1
        return self.nth == 0


class Traps:
    def __init__(self) -> None:
        self._set: list[Trap] = []
        self._lock = Lock()

    def lay(self, *traps: Trap) -> None:
        with self._lock:
            self._set = list(traps)

    def unsprung(self) -> list[Trap]:
        return [trap for trap in self._set if not trap.sprung.is_set()]

    def pass_by(self, caller: Caller, moment: Moment, call: str) -> None:
        """Raises what a trap raises."""
        with self._lock:
            met = [trap for trap in self._set if trap.meets(caller, moment, call)]
        for trap in met:
            trap.sprung.set()
            trap.deed(caller)


def kill(caller: Caller) -> None:
    os.kill(caller.pid, signal.SIGKILL)
    raise Gone


def lose(_: Caller) -> None:
    """The process lives, but hears nothing."""
    raise Gone


def throttle(_: Caller) -> None:
    """Of PutRecords: the stream takes none of them now."""
    raise Instead(THROTTLED)


class Freeze:
    """Stops the process until it is thawed, and its call with it: a zombie in the making."""

    def __init__(self) -> None:
        self._thawed = Event()
        self._frozen: Caller | None = None

    def __call__(self, caller: Caller) -> None:
        self._frozen = caller
        os.kill(caller.pid, signal.SIGSTOP)
        self._thawed.wait()

    def thaw(self) -> None:
        assert self._frozen is not None
        os.kill(self._frozen.pid, signal.SIGCONT)
        self._thawed.set()
