"""What a loop has already trained on.

The hub delivers at least once. Two memories make that once: per shard the last sequence number,
and the fingerprints of all events that became final lately, in segments of ten minutes. What is
older than that window cannot be proven new, and is set aside rather than trained.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from personalizer.domain.hub import Joined

SEGMENT_MS = 600_000
WINDOW_MS = 26 * 3_600_000
"""The relay gives up after 22 hours, so no redelivery is older than this."""
FINGERPRINT = 8
"""Bytes of a uid's sixteen random ones: a false match is rarer than a lost disk."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A joined event, and where on the hub it was found."""

    joined: Joined
    shard: str
    sequence: int

    @property
    def segment(self) -> int:
        return self.joined.final_at // SEGMENT_MS

    @property
    def fingerprint(self) -> bytes:
        return bytes.fromhex(self.joined.uid)[:FINGERPRINT]


@dataclass(frozen=True, slots=True)
class Selection:
    fresh: list[Delivery] = field(default_factory=list)
    too_old: list[Delivery] = field(default_factory=list)


def select(
    deliveries: Iterable[Delivery],
    positions: Mapping[str, int],
    seen: Mapping[int, frozenset[bytes]],
    horizon: int,
) -> Selection:
    """Which deliveries to train on: those not behind their shard's position and not seen before."""
    selection = Selection()
    batch: set[bytes] = set()
    for delivery in deliveries:
        mark = delivery.fingerprint
        known = mark in batch or mark in seen.get(delivery.segment, frozenset())
        if known or delivery.sequence <= positions.get(delivery.shard, -1):
            continue
        batch.add(mark)
        aged = delivery.joined.final_at < horizon
        (selection.too_old if aged else selection.fresh).append(delivery)
    return selection


def horizon_after(horizon: int, newest: int) -> int:
    """The window's lower end once an event of that time is trained; it never moves back.

    Aligned to whole segments: a segment is either wholly remembered or wholly too old.
    """
    return max(horizon, (newest - WINDOW_MS) // SEGMENT_MS * SEGMENT_MS)


def advanced(positions: Mapping[str, int], deliveries: Iterable[Delivery]) -> dict[str, int]:
    """Each shard's position after these deliveries."""
    after = dict(positions)
    for delivery in deliveries:
        after[delivery.shard] = max(after.get(delivery.shard, -1), delivery.sequence)
    return after


def pack(fingerprints: Iterable[bytes]) -> bytes:
    return b"".join(sorted(fingerprints))


def unpack(data: bytes) -> frozenset[bytes]:
    return frozenset(data[i : i + FINGERPRINT] for i in range(0, len(data), FINGERPRINT))
