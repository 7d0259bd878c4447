"""From the events table's stream to the hub: what changed becomes what happened."""

from collections import defaultdict
from collections.abc import Iterable

from personalizer.domain import audit, hub
from personalizer.domain.audit import Note
from personalizer.domain.event import Item
from personalizer.domain.hub import Change, Joined
from personalizer.ports import Audit, Hub


class Relay:
    """`announce`: also publish the small records that only watchers need."""

    def __init__(self, hub: Hub, audit: Audit, *, announce: bool):
        self._hub = hub
        self._audit = audit
        self._announce = announce

    def __call__(self, changes: Iterable[Change]) -> int:
        """How many records it published. Raises HubUnavailable; doing it all again is safe."""
        changes = list(changes)
        found = [record for change in changes for record in hub.records(change)]
        wanted = [record for record in found if self._announce or isinstance(record, Joined)]
        self._hub.publish(wanted)
        for loop, notes in notes_by_loop(changes).items():
            self._audit.write(loop, notes)
        return len(wanted)


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
