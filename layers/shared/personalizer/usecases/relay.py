"""From the events table's stream to the hub: what changed becomes what happened."""

from collections.abc import Iterable

from personalizer.domain.hub import Change, Joined, records
from personalizer.ports import Hub


class Relay:
    """`announce`: also publish the small records that only watchers need."""

    def __init__(self, hub: Hub, *, announce: bool):
        self._hub = hub
        self._announce = announce

    def __call__(self, changes: Iterable[Change]) -> int:
        """How many records it published. Raises HubUnavailable; doing it all again is safe."""
        found = [record for change in changes for record in records(change)]
        wanted = [record for record in found if self._announce or isinstance(record, Joined)]
        self._hub.publish(wanted)
        return len(wanted)
