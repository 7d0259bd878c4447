"""What else happens to a running service: deletions, hands, garbage, resharding, new policies."""

import hashlib
from dataclasses import replace

import msgspec

from personalizer import records
from personalizer.domain import hub as domain_hub
from personalizer.domain import names
from personalizer.domain.event import Event, Item, Key, State
from personalizer.domain.loop import DEFAULT_POLICY, Head
from personalizer.domain.policy import Policy
from personalizer.domain.timer import time_to_live
from tests.factories import a_joined, a_uid
from tests.simulation.kinesis import Written
from tests.simulation.mapping import EventSourceMapping
from tests.simulation.process import End, Process
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
        items = self._events()
        if items:
            self.delete(pick(items, which).key, expired=False)

    def delete(self, key: Key, *, expired: bool) -> None:
        world = self.world
        item = world.events.items[key]
        world.events.delete(key, world.clock.now, expired=expired)
        world.stream.flow(world.clock.now)
        world.witness.saw_deletion(key, expired=expired)
        world.census.count(f"{'TTL' if expired else 'erasure'} of {_what(item)}")

    def edit(self, which: int, *, undone: bool) -> None:
        """Somebody writes into an item what nobody can read, and then mends or deletes it."""
        world, items = self.world, self._events()
        if not items:
            return
        key = pick(items, which).key
        for _ in range(2):
            world.stream.spoil(key, world.clock.now)
        if not undone:
            del world.events.items[key]
            world.witness.saw_deletion(key, expired=False)
        world.census.count(f"edit by hand, {'undone' if undone else 'then deleted'}")

    def _events(self) -> list[Event]:
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
        self.world.witness.broken.add(uid)
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

    def redrive(self) -> bool:
        """Send again the oldest of what Lambda gave up on; false if there is nothing."""
        return self._redrive_change() or self._redrive_record()

    def _redrive_change(self) -> bool:
        dead = self.world.relaying.dead
        if not dead:
            return False
        shard, streamed = dead.pop(0)
        change = streamed.change
        found = domain_hub.records(change) if change else []
        self.world.witness.sent_again |= {record.uid for record in found}

        def ended(process: Process) -> None:
            if process.end is not End.RETURNED:
                dead.append((shard, streamed))

        self.world.relay_batch(shard, [streamed], ended)
        return True

    def _redrive_record(self) -> bool:
        dead = self.world.training.dead
        if not dead:
            return False
        _, written = dead.pop(0)
        if written.data not in self.world.witness.planted:
            sent = {record.uid for record in records.unpack(written.data)}
            self.world.witness.sent_again |= sent
        self._put(written.key, written.data)
        return True

    def change_policy(self, loop: str, which: int) -> None:
        world = self.world
        arguments = pick(POLICIES, which)
        data = msgspec.json.encode(Policy("chosen", arguments))
        ref = world.objects.put(names.policy(loop, hashlib.sha256(data).hexdigest()), data)
        self._steer(replace(world.loops.state(loop).head, policy=ref))
        world.census.count("policy changed")

    def reset(self, loop: str) -> None:
        head = self.world.loops.state(loop).head
        self._steer(replace(head, latest=None, live=None, learn_from=head.trained))
        self.world.census.count("loop reset")

    def _steer(self, wanted: Head) -> None:
        world = self.world
        head = world.loops.state(wanted.loop).head
        new = replace(wanted, epoch=head.epoch + 1, commit_id=world.names())
        assert world.loops.advance(head, new)
        world.witness.saw_loops("advance", (head, new), True)


def _what(item: Item) -> str:
    if isinstance(item, Event):
        return STATES.get(item.state, "a final event")
    return "an early reward"
