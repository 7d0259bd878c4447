"""A stream whose shards a row splits and merges."""

from dataclasses import dataclass
from typing import Any

from tests.e2e.lab import eventually

HASHES = 1 << 128


@dataclass(frozen=True, slots=True)
class Shards:
    client: Any
    stream: str

    def create(self, count: int) -> None:
        self.client.create_stream(StreamName=self.stream, ShardCount=count)
        self._wait()

    def split(self) -> None:
        """Every open shard, in its middle."""
        for shard in self._open():
            middle = (_bound(shard, "Starting") + _bound(shard, "Ending") + 1) // 2
            self.client.split_shard(
                StreamName=self.stream,
                ShardToSplit=shard["ShardId"],
                NewStartingHashKey=str(middle),
            )
            self._wait()

    def merge(self) -> None:
        """The two open shards."""
        first, second = sorted(self._open(), key=lambda shard: _bound(shard, "Starting"))
        self.client.merge_shards(
            StreamName=self.stream,
            ShardToMerge=first["ShardId"],
            AdjacentShardToMerge=second["ShardId"],
        )
        self._wait()

    def _open(self) -> list[dict[str, Any]]:
        shards = self.client.list_shards(StreamName=self.stream)["Shards"]
        return [s for s in shards if "EndingSequenceNumber" not in s["SequenceNumberRange"]]

    def _wait(self) -> None:
        eventually(lambda: self._status() == "ACTIVE")

    def _status(self) -> str:
        described = self.client.describe_stream_summary(StreamName=self.stream)
        return str(described["StreamDescriptionSummary"]["StreamStatus"])


def _bound(shard: dict[str, Any], which: str) -> int:
    return int(shard["HashKeyRange"][f"{which}HashKey"])
