"""Lambda's event source mappings: they read a stream, invoke, and go on only after a success.

A mapping that failed delivers the same records again, perhaps cut differently. Shards are read
side by side.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.kill.function import Function
from tests.kill.process import Died, Failed
from tests.kill.sources import Record, Source


@dataclass
class Mapping:
    """Sees what comes after it was made."""

    source: Source
    function: Function
    batch: int = 100
    ordered: bool = True
    """Whether a shard waits until its parents are read, as Lambda has it."""
    delivered: list[Record] = field(default_factory=list)
    """Every record, once."""

    def __post_init__(self) -> None:
        self._iterators: dict[str, str | None] = {}
        self._seen: set[str] = set()
        self._find("LATEST")

    def step(self) -> bool:
        """Deliver what there is; false if that was nothing. Raises Died or Failed."""
        self._find("TRIM_HORIZON")
        found = [self._deliver(shard) for shard in self._readable()]
        return any(found)

    def try_step(self) -> bool:
        """The same; a failure counts as something."""
        try:
            return self.step()
        except (Died, Failed):
            return True

    def peek(self) -> Record:
        """The event that the next step would deliver first."""
        for shard in self._readable():
            records, _ = self._read(shard)
            if records:
                return {"Records": records}
        raise AssertionError("nothing to deliver")

    def _find(self, start: str) -> None:
        self._shards = {shard["ShardId"]: shard for shard in self.source.shards()}
        for shard in self._shards.keys() - self._iterators.keys():
            self._iterators[shard] = self.source.iterator(shard, start)

    def _readable(self) -> Iterator[str]:
        for shard, described in self._shards.items():
            parents = (described.get("ParentShardId"), described.get("AdjacentParentShardId"))
            unfinished = any(self._iterators.get(parent) for parent in parents if parent)
            if self._iterators[shard] and not (unfinished and self.ordered):
                yield shard

    def _deliver(self, shard: str) -> bool:
        records, following = self._read(shard)
        if records:
            self.function({"Records": records})
        ended = following is None
        self._iterators[shard] = following
        return bool(records) or ended

    def _read(self, shard: str) -> tuple[list[Record], str | None]:
        iterator = self._iterators[shard]
        assert iterator
        records, following = self.source.read(shard, iterator, self.batch)
        fresh = [record for record in records if record["eventID"] not in self._seen]
        self._seen |= {record["eventID"] for record in fresh}
        self.delivered += fresh
        return records, following
