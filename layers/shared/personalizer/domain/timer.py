"""When an event is looked at again: the sweeper's buckets, and TTL as the backstop."""

import zlib
from collections.abc import Iterable

from personalizer.domain.event import Event, Item, Key, State, Stub

MINUTE_MS = 60_000
RECENT, HOUR, DAY = 15, 60, 24 * 60
INACTIVE_GRACE_S = 3_600
SWEEPER_GRACE_S = 300
TOMBSTONE_S = 48 * 3_600


def bucket(key: Key, deadline: int, shards: int) -> str:
    """The index partition in which a pending event waits: its minute, spread over shards."""
    shard = zlib.crc32(key.event_id.encode()) % shards
    return f"{deadline // MINUTE_MS}#{shard}"


def minutes_to_sweep(now: int) -> list[int]:
    """The minutes (since the epoch) in which a sweep looks for events whose deadline has passed.

    Always the last quarter of an hour; and of the day before, a sixtieth, a different one each
    minute, so that within an hour nothing of a day is left behind by a sweeper that had stopped.
    """
    this = now // MINUTE_MS
    hour = this - this % HOUR
    slice_of_day = hour - DAY + this % HOUR * (DAY // HOUR)
    recent = range(this - RECENT, this + 1)
    return sorted({*range(slice_of_day, slice_of_day + DAY // HOUR), *recent})


def buckets(minutes: Iterable[int], shards: int) -> list[str]:
    """The partitions of these minutes."""
    return [f"{minute}#{shard}" for minute in minutes for shard in range(shards)]


def time_to_live(item: Item) -> int:
    """Epoch seconds after which DynamoDB may delete the item.

    A pending event gets a grace, so that the sweeper comes first; a final one stays as a tombstone,
    so that late rewards and reused ids are told from unknown ones.
    """
    if isinstance(item, Stub):
        return item.deadline // 1000
    if item.state is State.FINAL:
        return tombstone_until(item.final_at or item.deadline)
    if item.state is State.INACTIVE:
        return _seconds(item.deadline) + INACTIVE_GRACE_S
    return active_time_to_live(item)


def active_time_to_live(event: Event) -> int:
    """The TTL that an inactive event will have once it is activated."""
    return _seconds(event.deadline) + SWEEPER_GRACE_S


def tombstone_until(final_at: int) -> int:
    return _seconds(final_at) + TOMBSTONE_S


def _seconds(milliseconds: int) -> int:
    return -(-milliseconds // 1000)
