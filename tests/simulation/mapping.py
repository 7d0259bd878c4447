"""An event source mapping: how Lambda reads a stream.

A batch at a time of each shard, parents before children; what fails comes again, in smaller parts;
what grows too old is put aside with all its bytes.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from tests.simulation.census import Census
from tests.simulation.process import End, Process


class Aged(Protocol):
    @property
    def at(self) -> int: ...


class EventSourceMapping[R: Aged]:
    """`invoke` starts the function with a batch of a shard; `keeps_ms` is how long a stream holds
    its records, and `gives_up_ms` how old one may be before it is given up."""

    def __init__(
        self,
        function: str,
        shards: Callable[[], Mapping[str, tuple[Sequence[R], Sequence[str]]]],
        invoke: Callable[[str, Sequence[R], Callable[[Process], None]], Process],
        clock: Callable[[], int],
        census: Census,
        give_up: Callable[[str, R], None],
        keeps_ms: int,
        gives_up_ms: int,
    ):
        self._function = function
        self._shards = shards
        self._invoke = invoke
        self._clock = clock
        self._census = census
        self._give_up = give_up
        self._keeps_ms = keeps_ms
        self._gives_up_ms = gives_up_ms
        self._positions: dict[str, int] = {}
        self._sizes: dict[str, int] = {}
        self._running: dict[str, Process] = {}

    def names(self) -> list[str]:
        return [*self._shards()]

    def poll(self, shard: str, size: int) -> Process | None:
        """Deliver the next batch of a shard; None if there is none, or one is still at work."""
        records, parents = self._shards()[shard]
        if shard in self._running or not all(map(self._is_read, parents)):
            return None
        start = self._after_giving_up(shard, records)
        batch = records[start : start + min(size, self._sizes.get(shard, size))]
        return self._deliver(shard, start, batch) if batch else None

    def again(self, shard: str, back: int, size: int) -> None:
        """Deliver what was delivered before, beside all else."""
        records, _ = self._shards()[shard]
        position = self._positions.get(shard, 0)
        start = max(self._oldest(records), position - back)
        batch = records[start : min(start + size, position)]
        if batch:
            self._census.count(f"{self._function} delivered again")
            self._invoke(shard, batch, lambda _: None)

    def give_up_on(self, process: Process) -> None:
        """Time is over for an invocation; it may not know that."""
        for shard, running in [*self._running.items()]:
            if running is process:
                process.forgotten = True
                del self._running[shard]

    def recreate(self) -> None:
        """With StartingPosition TRIM_HORIZON: whatever the stream still holds comes again."""
        if not self._running:
            self._census.count(f"{self._function} mapping made anew")
            for shard, (records, _) in self._shards().items():
                self._after_giving_up(shard, records)
                self._positions[shard] = self._oldest(records)

    def is_done(self) -> bool:
        return all(map(self._is_read, self._shards()))

    def _is_read(self, shard: str) -> bool:
        return self._positions.get(shard, 0) == len(self._shards()[shard][0])

    def _oldest(self, records: Sequence[R]) -> int:
        oldest = self._clock() - self._keeps_ms
        return next((i for i, record in enumerate(records) if record.at >= oldest), len(records))

    def _after_giving_up(self, shard: str, records: Sequence[R]) -> int:
        position = self._positions.get(shard, 0)
        oldest = self._clock() - self._gives_up_ms
        while position < len(records) and records[position].at < oldest:
            self._give_up(shard, records[position])
            self._census.count(f"{self._function} paused beyond what is kept")
            position += 1
        self._positions[shard] = position
        return position

    def _deliver(self, shard: str, start: int, batch: Sequence[R]) -> Process:
        early: list[Process] = []

        def ended(process: Process) -> None:
            early.append(process)
            if self._running.get(shard) is process:
                self._ended(shard, start, batch, process)
            elif process.forgotten:
                self._census.count(f"{self._function} given up for dead goes on")

        process = self._invoke(shard, batch, ended)
        if process in early:  # it had nothing to stop for
            self._ended(shard, start, batch, process)
        else:
            self._running[shard] = process
        return process

    def _ended(self, shard: str, start: int, batch: Sequence[R], process: Process) -> None:
        self._running.pop(shard, None)
        if process.end is End.RETURNED:
            self._positions[shard] = start + len(batch)
            self._sizes.pop(shard, None)
        elif len(batch) > 1:
            self._census.count(f"{self._function} batch cut in two")
            self._sizes[shard] = len(batch) // 2
