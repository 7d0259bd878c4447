"""Warm processes: each serves one call at a time, keeps its state, and has a clock of its own."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.simulation.census import Census
from tests.simulation.process import End, Process, Processes

MINUTE_MS = 60_000


@dataclass
class WorldClock:
    now: int

    def __call__(self) -> int:
        return self.now


class Clocks:
    """Every second process has the right time; of the others, one is fast and the next slow."""

    def __init__(self, world: WorldClock, skew_ms: int, census: Census):
        self._world = world
        self._skew_ms = skew_ms
        self._census = census
        self._made = 0

    def __call__(self) -> Callable[[], int]:
        self._made += 1
        skew = (0, self._skew_ms, 0, -self._skew_ms)[self._made % 4]
        if skew:
            apart = "minutes" if abs(skew) >= MINUTE_MS else "seconds"
            self._census.count(f"clocks {apart} apart")
        return lambda: self._world.now + skew


class Fleet[F]:
    """All processes of one function."""

    def __init__(
        self,
        function: str,
        make: Callable[[Callable[[], int]], F],
        clocks: Clocks,
        processes: Processes,
        census: Census,
    ):
        self._function = function
        self._make = make
        self._clocks = clocks
        self._processes = processes
        self._census = census
        self._idle: list[F] = []

    def call(
        self, work: Callable[[F], object], ended: Callable[[Process], None] = lambda _: None
    ) -> Process:
        warm = self._idle.pop() if self._idle else self._make(self._clocks())

        def released(process: Process) -> None:
            if process.end is End.CRASHED:
                self._census.count(f"crash of {self._function}")
            else:
                self._idle.append(warm)
            ended(process)

        return self._processes.start(self._function, lambda: work(warm), released)
