"""How many events of one loop a shard of the hub carries: each record alone, and packed.

Not timed: a shard takes 1 MiB and 1,000 records a second, so sizes and numbers decide.
"""

from collections.abc import Iterator, Sequence

from benchmarks.events import joined
from benchmarks.figure import Figure
from benchmarks.requests import LARGE, SMALL
from personalizer import records
from personalizer.domain.hub import Announced, Joined, Record

SHARD_BYTES = 1024 * 1024
SHARD_RECORDS = 1_000
EVENTS = 50
"""In a batch of the table's stream, which holds 100 changes: an event is ranked, and rewarded."""


def figures() -> Iterator[Figure]:
    for size in (SMALL, LARGE):
        told = [record for event in joined(size, EVENTS) for record in _told(event)]
        alone = [records.encode(record) for record in told]
        yield Figure(f"hub_events_per_shard_{size.actions}_alone", _carried(alone), "-")
        yield Figure(f"hub_events_per_shard_{size.actions}", _carried(records.pack(told)), ">=1700")


def _told(event: Joined) -> list[Record]:
    """All that the hub hears of an event."""
    ranked = Announced("ranked", event.loop, event.event_id, event.uid, event.ranked_at, 0)
    at = event.final_at
    rewarded = Announced("rewarded", event.loop, event.event_id, event.uid, at, 0, event.reward)
    return [ranked, rewarded, event]


def _carried(sent: Sequence[bytes]) -> float:
    """Events a second that a shard takes if they come like these."""
    by_bytes = SHARD_BYTES / sum(map(len, sent))
    by_number = SHARD_RECORDS / len(sent)
    return EVENTS * min(by_bytes, by_number)
