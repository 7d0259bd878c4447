"""From the events table's stream to the hub: what changed becomes what happened."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from personalizer.domain import audit, hub
from personalizer.domain.audit import Note
from personalizer.domain.event import Item
from personalizer.domain.hub import Change, Joined, Record
from personalizer.ports import Audit, Hub


@dataclass(frozen=True, slots=True)
class Relayed:
    """What was published, and what each loop's accounts took note of."""

    records: Sequence[Record]
    notes: Mapping[str, Sequence[Note]]


class Relay:
    """`announce`: also publish the small records that only watchers need."""

    def __init__(self, hub: Hub, audit: Audit, *, announce: bool):
        self._hub = hub
        self._audit = audit
        self._announce = announce

    def __call__(self, changes: Sequence[Change]) -> Relayed:
        """Raises HubUnavailable; doing it all again is safe."""
        found = [record for change in changes for record in hub.records(change)]
        wanted = [record for record in found if self._announce or isinstance(record, Joined)]
        notes = notes_by_loop(changes)
        for loop in notes:  # first: what is learned must have been heard of
            self._audit.write(loop, notes[loop])
        self._hub.publish(wanted)
        return Relayed(wanted, notes)


def notes_by_loop(changes: Iterable[Change]) -> dict[str, list[Note]]:
    """What these changes add to each loop's accounts."""
    by_loop: dict[str, list[Note]] = defaultdict(list)
    for change in changes:
        for note in audit.notes(change):
            by_loop[_item(change).key.loop].append(note)
    return by_loop


def _item(change: Change) -> Item:
    item = change.new or change.old
    if item is None:
        raise ValueError("a change of nothing")
    return item
