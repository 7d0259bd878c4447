"""What a loop has already trained on.

The hub delivers at least once. Two memories make that once: per shard the last sequence number,
and the fingerprints of all events that became final lately, in segments of ten minutes. What is
older than that window is set aside rather than trained, unless it brings a proof that it is new:
the generation up to which it was looked for in the log, and not found.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from personalizer.domain.hub import Joined

SEGMENT_MS = 600_000
WINDOW_MS = 26 * 3_600_000
"""The relay gives up after 22 hours, so no redelivery is older than this."""
SHARD_MEMORY_MS = 8 * 24 * 3_600_000
"""The hub forgets after a week: what a shard held before that comes no more."""
FINGERPRINT = 8
"""Bytes of a uid's sixteen random ones: a false match is rarer than a lost disk."""


@dataclass(frozen=True, slots=True)
class Position:
    """How far a shard was read: its last sequence number, and when that was committed."""

    sequence: int
    at: int


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

    def is_proven(self, proofs_from: int) -> bool:
        """Whether it brings a proof, no older than this generation, that it is new."""
        absent_until = self.joined.absent_until
        return absent_until is not None and absent_until >= proofs_from


@dataclass(frozen=True, slots=True)
class Selection:
    fresh: list[Delivery] = field(default_factory=list)
    too_old: list[Delivery] = field(default_factory=list)


def select(
    deliveries: Iterable[Delivery],
    positions: Mapping[str, Position],
    seen: Mapping[int, frozenset[bytes]],
    horizon: int,
    since_proofs: Collection[str] = (),
    proofs_from: int = 0,
) -> Selection:
    """Which deliveries to train on: those not behind their shard's position and not seen before.

    `since_proofs` holds the uids that were trained after the oldest proof among the deliveries, and
    a proof counts from the generation `proofs_from` on: since earlier ones, lines were forgotten.
    """
    selection = Selection()
    batch: set[bytes] = set()
    for delivery in deliveries:
        mark = delivery.fingerprint
        known = mark in batch or mark in seen.get(delivery.segment, frozenset())
        if known or _behind(delivery, positions) or delivery.joined.uid in since_proofs:
            continue
        batch.add(mark)
        unproven = not delivery.is_proven(proofs_from)
        too_old = unproven and delivery.joined.final_at < horizon
        (selection.too_old if too_old else selection.fresh).append(delivery)
    return selection


def _behind(delivery: Delivery, positions: Mapping[str, Position]) -> bool:
    position = positions.get(delivery.shard)
    return position is not None and delivery.sequence <= position.sequence


def horizon_after(horizon: int, newest: int) -> int:
    """The window's lower end once an event of that time is trained; it never moves back.

    Aligned to whole segments: a segment is either wholly remembered or wholly too old.
    """
    return max(horizon, (newest - WINDOW_MS) // SEGMENT_MS * SEGMENT_MS)


def advanced(
    positions: Mapping[str, Position], deliveries: Iterable[Delivery], now: int
) -> dict[str, Position]:
    """Each shard's position after these deliveries; shards that are long silent are forgotten."""
    oldest = now - SHARD_MEMORY_MS
    after = {shard: position for shard, position in positions.items() if position.at > oldest}
    for delivery in deliveries:
        if not _behind(delivery, after):
            after[delivery.shard] = Position(delivery.sequence, now)
    return after


def pack(fingerprints: Iterable[bytes]) -> bytes:
    return b"".join(sorted(fingerprints))


def unpack(data: bytes) -> frozenset[bytes]:
    return frozenset(data[i : i + FINGERPRINT] for i in range(0, len(data), FINGERPRINT))
