"""Kinesis in memory, with what matters to readers: hash ranges, lineage, numbers that only grow."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

SPACE = 1 << 128


@dataclass(frozen=True, slots=True)
class Written:
    """A record of the hub: when it came, its partition key and number, and its bytes."""

    at: int
    key: str
    sequence: int
    data: bytes


@dataclass
class Shard:
    """The hash keys from `low` to below `high`; closed once it was split or merged."""

    name: str
    low: int
    high: int
    parents: tuple[str, ...] = ()
    open: bool = True
    records: list[Written] = field(default_factory=list)


class MemoryKinesis:
    """`refused` says which of so many records a call does not take."""

    def __init__(self, clock: Callable[[], int], refused: Callable[[int], Sequence[int]]):
        self.shards: dict[str, Shard] = {}
        self._clock = clock
        self._refused = refused
        self._numbers = count(1)
        self._open(0, SPACE // 2)
        self._open(SPACE // 2, SPACE)

    def put_records(self, *, StreamName: str, Records: Sequence[Any]) -> dict[str, Any]:  # noqa: N803
        refused = set(self._refused(len(Records)))
        failed = {"ErrorCode": "ProvisionedThroughputExceededException"}
        return {
            "Records": [
                failed if place in refused else self._put(entry["PartitionKey"], entry["Data"])
                for place, entry in enumerate(Records)
            ]
        }

    def open(self) -> list[Shard]:
        found = [shard for shard in self.shards.values() if shard.open]
        return sorted(found, key=lambda shard: shard.low)

    def split(self, shard: Shard) -> None:
        middle = (shard.low + shard.high) // 2
        shard.open = False
        self._open(shard.low, middle, shard.name)
        self._open(middle, shard.high, shard.name)

    def merge(self, one: Shard, next_to_it: Shard) -> None:
        one.open = next_to_it.open = False
        self._open(one.low, next_to_it.high, one.name, next_to_it.name)

    def _open(self, low: int, high: int, *parents: str) -> None:
        name = f"shardId-{len(self.shards):012}"
        self.shards[name] = Shard(name, low, high, parents)

    def _put(self, key: str, data: bytes) -> dict[str, Any]:
        place = int.from_bytes(hashlib.md5(key.encode(), usedforsecurity=False).digest())
        (shard,) = (s for s in self.shards.values() if s.open and s.low <= place < s.high)
        written = Written(self._clock(), key, next(self._numbers), data)
        shard.records.append(written)
        return {"ShardId": shard.name, "SequenceNumber": str(written.sequence)}
