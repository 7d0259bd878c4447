"""The ports as a function meets them: every call may be delayed, lost or repeated."""

from collections.abc import Callable
from functools import partial
from typing import Any, cast

from botocore.exceptions import ReadTimeoutError

from personalizer.errors import ServiceUnavailable
from tests.simulation.census import Census
from tests.simulation.process import Fate, Process, Processes

type Seen = Callable[[str, tuple[Any, ...], Any], None]
"""Told of every call in the order in which the service did them: its name, arguments, answer."""

PATIENCE_MS = 10_000
"""For how long an SDK goes on repeating a call."""

WRITES = {
    *("rank", "reward", "activate", "expire", "advance", "configure"),
    *("put", "put_records", "write", "take", "forget"),
}


class Doors:
    def __init__(self, processes: Processes, clock: Callable[[], int], census: Census):
        self._processes = processes
        self._clock = clock
        self._census = census

    def to[T](self, port: T, seen: Seen) -> T:
        return cast("T", Door(port, self._processes, self._clock, self._census, seen, _unavailable))

    def to_client[T](self, client: T, seen: Seen) -> T:
        """As `to`, for a client of AWS: its faults are botocore's."""
        return cast("T", Door(client, self._processes, self._clock, self._census, seen, _timeout))


class Door:
    def __init__(
        self,
        port: object,
        processes: Processes,
        clock: Callable[[], int],
        census: Census,
        seen: Seen,
        fault: Callable[[str], Exception],
    ):
        self._port = port
        self._processes = processes
        self._clock = clock
        self._census = census
        self._seen = seen
        self._fault = fault

    def __getattr__(self, name: str) -> Any:
        return partial(self._pass, name, getattr(self._port, name))

    def _pass(self, name: str, call: Callable[..., Any], *args: Any, **named: Any) -> Any:
        def do() -> Any:
            answer = call(*args, **named)
            self._seen(name, (*args, *named.values()), answer)
            return answer

        process = self._processes.current
        return do() if process is None else self._interrupted(process, name, do)

    def _interrupted(self, process: Process, name: str, do: Callable[[], Any]) -> Any:
        fate = process.stop()
        writes = name in WRITES
        if fate is Fate.UNAVAILABLE or (fate is Fate.UNHEARD and not writes):
            self._census.count(f"{Fate.UNAVAILABLE} {'write' if writes else 'read'}")
            raise self._fault(name)
        answer = do()
        if fate is Fate.REPEATED and writes:
            self._census.count("repeated write")
            asked_at = self._clock()
            process.stop()
            if self._clock() - asked_at > PATIENCE_MS:
                raise self._fault(name)
            answer = do()
        if fate is Fate.UNHEARD and writes:
            self._census.count("unheard write")
            raise self._fault(name)
        process.stop()
        return answer


def _unavailable(name: str) -> Exception:
    return ServiceUnavailable(name)


def _timeout(name: str) -> Exception:
    return ReadTimeoutError(endpoint_url=name)
