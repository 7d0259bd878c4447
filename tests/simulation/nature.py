"""What else happens to a running service: deletions, hands, garbage, resharding, new policies."""

from personalizer import records
from personalizer.domain.event import Event, Item, Key, State
from personalizer.domain.loop import DEFAULT_POLICY
from personalizer.domain.policy import Policy
from personalizer.domain.timer import time_to_live
from personalizer.usecases import steer
from tests.factories import a_joined, a_uid
from tests.simulation.kinesis import Written
from tests.simulation.mapping import EventSourceMapping
from tests.simulation.stream import Streamed
from tests.simulation.world import World, pick

POLICIES = [DEFAULT_POLICY, "--cb_explore_adf --cb_type mtr", "--cb_explore_adf --cb_type dr"]
STATES = {State.PENDING: "a pending event", State.INACTIVE: "an inactive event"}


class Nature:
    def __init__(self, world: World):
        self.world = world
        self._garbage = 0

    # ---------------------------------------------------------------------- stored events

    def ttl(self, which: int) -> None:
        """DynamoDB deletes one of the items that it may, however late."""
        due = self.expired()
        if due:
            self.delete(pick(due, which), expired=True)

    def expired(self) -> list[Key]:
        now = self.world.clock.now // 1000
        return [key for key, item in self.world.events.items.items() if time_to_live(item) <= now]

    def erase(self, which: int) -> None:
        items = self._answered()
        if items:
            self.delete(pick(items, which).key, expired=False)

    def delete(self, key: Key, *, expired: bool) -> None:
        world = self.world
        item = world.events.items[key]
        world.events.delete(key, world.clock.now, expired=expired)
        world.stream.flow(world.clock.now)
        world.witness.saw_deletion(key, expired=expired)
        world.census.count(f"{'TTL' if expired else 'erasure'} of {_what(item)}")

    def edit(self, which: int, *, undone: bool, told: bool) -> None:
        """Somebody writes into an item what nobody can read, and then mends or deletes it.

        `told`: the item still says whose it is.
        """
        world, items = self.world, self._answered()
        if not items:
            return
        event = pick(items, which)
        for _ in range(2):
            name = world.stream.spoil(event.key, world.clock.now, event.uid if told else None)
            world.witness.planted.add(name)
        if not undone:
            del world.events.items[event.key]
        world.witness.saw_edit(event, told=told, undone=undone)
        world.census.count(f"edit by hand, {'undone' if undone else 'then deleted'}")

    def _answered(self) -> list[Event]:
        """What somebody knows of: no answer to its rank is on its way."""
        return [event for event in self.events() if event.key not in self.world.being_ranked]

    def events(self) -> list[Event]:
        return [item for item in self.world.events.items.values() if isinstance(item, Event)]

    # --------------------------------------------------------------------------- the hub

    def garbage(self, loop: str, kind: int) -> None:
        """Bytes on the hub that nobody of us wrote, or only in part."""
        self._garbage += 1
        (pack,) = records.pack([a_joined(self._garbage)])
        mark = str(self._garbage).encode()
        data = pick([b"garbage" + mark, pack[:20], b'{"type":"joined"}' + mark], kind)
        self.world.witness.planted.add(data)
        self._put(loop, data)
        self.world.census.count("garbage on the hub")

    def broken_example(self, loop: str) -> None:
        """A record whose example cannot be read."""
        self._garbage += 1
        uid = a_uid(10**9 + self._garbage)
        joined = a_joined(loop=loop, uid=uid, payload=b"x", final_at=self.world.clock.now)
        self.world.witness.broken[uid] = loop
        self._put(loop, records.pack([joined])[0])
        self.world.census.count("example that cannot be read")

    def _put(self, loop: str, data: bytes) -> None:
        self.world.kinesis.put_records(
            StreamName="hub", Records=[{"PartitionKey": loop, "Data": data}]
        )

    def split(self, which: int) -> None:
        self.world.kinesis.split(pick(self.world.kinesis.open(), which))
        self.world.census.count("shard split")

    def merge(self, which: int) -> None:
        shards = self.world.kinesis.open()
        if len(shards) > 1:
            one = which % (len(shards) - 1)
            self.world.kinesis.merge(shards[one], shards[one + 1])
            self.world.census.count("shards merged")

    def recreate(self, *, relay: bool) -> None:
        (self.world.relaying if relay else self.world.training).recreate()

    def again(self, shard: int, back: int, size: int, *, relay: bool) -> None:
        """A batch that was delivered is delivered again, beside all else."""
        if relay:
            self._again(self.world.relaying, shard, back, size)
        else:
            self._again(self.world.training, shard, back, size)

    def _again[R: (Streamed, Written)](
        self, mapping: EventSourceMapping[R], shard: int, back: int, size: int
    ) -> None:
        mapping.again(pick(mapping.names(), shard), back, size)

    # ------------------------------------------------------------------------- operators

    def lose_model(self, loop: str, *, corrupt: bool) -> None:
        """The bytes of a loop's newest model are gone, or not what they were."""
        latest = self.world.loops.state(loop).head.latest
        if latest is None or latest.object.key not in self.world.objects.data:
            return
        del self.world.objects.data[latest.object.key]
        if corrupt:
            self.world.objects.data[latest.object.key] = b"corrupt"
        self.world.census.count(f"model {'corrupt' if corrupt else 'missing'}")

    def change_policy(self, loop: str, which: int) -> None:
        """As an operator does it, while trainers may be under way."""
        world, chosen = self.world, Policy("chosen", pick(POLICIES, which))
        steer.set_policy(world.steered, world.objects, loop, chosen, world.names())
        world.census.count("policy changed")

    def reset(self, loop: str) -> None:
        steer.reset(self.world.steered, loop, self.world.names())
        self.world.census.count("loop reset")


def _what(item: Item) -> str:
    if isinstance(item, Event):
        return STATES.get(item.state, "a final event")
    return "an early reward"
