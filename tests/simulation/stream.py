"""The events table's stream: every change once, in order per item, in two shards."""

import zlib
from dataclasses import dataclass, replace

from personalizer.adapters.memory import MemoryEvents
from personalizer.domain.event import Key
from personalizer.domain.hub import Change
from personalizer.errors import Unreadable

SHARDS = 2


@dataclass(frozen=True, slots=True)
class Streamed:
    """A change as the stream has it; without `change`, it cannot be read."""

    at: int
    name: str
    change: Change | None
    loop: str | None = None
    """Of what cannot be read, if that can be told."""

    def read(self) -> Change:
        if self.change is None:
            raise Unreadable(self.name, self.name.encode(), "edited by hand", self.loop)
        return self.change


class Stream:
    """What a change is in bytes, is here its name."""

    def __init__(self, events: MemoryEvents):
        self.shards: dict[str, list[Streamed]] = {str(shard): [] for shard in range(SHARDS)}
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

    def spoil(self, key: Key, now: int, uid: str | None) -> bytes:
        """A change whose images cannot be read, but for the uid perhaps."""
        loop = key.loop if uid else None
        name = f"{uid}.{self._name()}" if uid else self._name()
        self._append(key, Streamed(now, name, None, loop))
        return name.encode()

    def decode(self, data: bytes) -> Change:
        """From the bytes that are kept of it. Raises Unreadable."""
        every = (streamed for shard in self.shards.values() for streamed in shard)
        for streamed in every:
            if streamed.name.encode() == data:
                return streamed.read()
        raise Unreadable("", data, "neither of the hub nor of the table")

    def _append(self, key: Key, streamed: Streamed) -> None:
        shard = zlib.crc32(repr(key).encode()) % SHARDS
        self.shards[str(shard)].append(streamed)

    def _name(self) -> str:
        return f"change-{sum(map(len, self.shards.values()))}"
