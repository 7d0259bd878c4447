"""The events table's stream: every change once, in order per item, in two shards."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from personalizer.adapters.memory import MemoryEvents
from personalizer.domain.event import Key
from personalizer.domain.hub import Change

SHARDS = 2


@dataclass(frozen=True, slots=True)
class Streamed:
    """A change as the stream has it; without `change`, it cannot be read."""

    at: int
    name: str
    change: Change | None


class Stream:
    def __init__(self, events: MemoryEvents):
        self.shards: dict[str, list[Streamed]] = {str(shard): [] for shard in range(SHARDS)}
        self.unreadable: list[str] = []
        self._events = events
        self._read = 0

    def flow(self, now: int) -> None:
        """Take over what changed. The store, not the writer, says when; to the second."""
        for change in self._events.changes[self._read :]:
            item = change.new or change.old
            if item is not None:
                kept = replace(change, at=now // 1000 * 1000)
                self._append(item.key, Streamed(now, self._name(), kept))
        self._read = len(self._events.changes)

    def spoil(self, key: Key, now: int) -> None:
        """A change whose images no version of this software wrote."""
        name = self._name()
        self.unreadable.append(name)
        self._append(key, Streamed(now, name, None))

    def _append(self, key: Key, streamed: Streamed) -> None:
        shard = zlib.crc32(repr(key).encode()) % SHARDS
        self.shards[str(shard)].append(streamed)

    def _name(self) -> str:
        return f"change-{sum(map(len, self.shards.values()))}"


def readable(batch: Sequence[Streamed]) -> list[Change]:
    return [streamed.change for streamed in batch if streamed.change is not None]
