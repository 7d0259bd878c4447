"""What happens to things that are stored: TTL, operators, hands that edit, models that are lost."""

from personalizer.domain.event import Event, Item, Key, State
from personalizer.domain.timer import time_to_live
from tests.simulation.world import World, pick

STATES = {State.PENDING: "a pending event", State.INACTIVE: "an inactive event"}


class Storage:
    def __init__(self, world: World):
        self._services = world.services
        self._witness = world.witness
        self._being_ranked = world.being_ranked

    def events(self) -> list[Event]:
        return [item for item in self._services.events.items.values() if isinstance(item, Event)]

    def expired(self) -> list[Key]:
        """What DynamoDB may delete."""
        now, items = self._services.clock.now // 1000, self._services.events.items
        return [key for key, item in items.items() if time_to_live(item) <= now]

    def ttl(self, which: int) -> None:
        """DynamoDB deletes one of the items that it may, however late; never in the moment in
        which a rank writes it, with a deadline of long ago."""
        due = [key for key in self.expired() if key not in self._being_ranked]
        if due:
            self.delete(pick(due, which), expired=True)

    def erase(self, which: int) -> None:
        """Somebody deletes an event."""
        events = self._answered()
        if events:
            self.delete(pick(events, which).key, expired=False)

    def delete(self, key: Key, *, expired: bool) -> None:
        services = self._services
        item = services.events.items[key]
        services.events.delete(key, services.clock.now, expired=expired)
        self._witness.saw_deletion(key, expired=expired)
        services.census.count(f"{'TTL' if expired else 'erasure'} of {_what(item)}")

    def edit(self, which: int, *, undone: bool, told: bool) -> None:
        """Somebody writes into an item what nobody can read, and then mends or deletes it.

        `told`: the item still says whose it is.
        """
        events = self._answered()
        if not events:
            return
        services, event = self._services, pick(events, which)
        for _ in range(2):
            uid = event.uid if told else None
            self._witness.planted.add(services.stream.spoil(event.key, services.clock.now, uid))
        if not undone:
            del services.events.items[event.key]
        self._witness.saw_edit(event, told=told, undone=undone)
        services.census.count(f"edit by hand, {'undone' if undone else 'then deleted'}")

    def lose_model(self, loop: str, *, corrupt: bool) -> None:
        """The bytes of a loop's newest model are gone, or not what they were."""
        latest, data = self._services.loops.state(loop).head.latest, self._services.objects.data
        if latest is None or latest.object.key not in data:
            return
        del data[latest.object.key]
        if corrupt:
            data[latest.object.key] = b"corrupt"
        self._services.census.count(f"model {'corrupt' if corrupt else 'missing'}")

    def _answered(self) -> list[Event]:
        """What somebody knows of: no answer to its rank is on its way."""
        return [event for event in self.events() if event.key not in self._being_ranked]


def _what(item: Item) -> str:
    if isinstance(item, Event):
        return STATES.get(item.state, "a final event")
    return "an early reward"
