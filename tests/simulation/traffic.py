"""What happens between the functions: garbage on the hub, resharding, deliveries that repeat."""

from typing import Any

from personalizer import records
from personalizer.domain.hub import Joined
from tests.factories import a_joined, a_uid
from tests.simulation.kinesis import Written
from tests.simulation.mapping import EventSourceMapping
from tests.simulation.stream import Streamed
from tests.simulation.world import World, pick

FOREIGN = 10**9
"""The uids of events that nobody ranked are counted from here."""


class Traffic:
    def __init__(self, world: World):
        self._world = world
        self._kinesis = world.services.kinesis
        self._census = world.services.census
        self._planted = 0

    def garbage(self, loop: str, kind: int) -> None:
        """Bytes on the hub that nobody of us wrote, or only in part."""
        foreign = self._foreign(loop=loop)
        mark = foreign.uid.encode()
        (pack,) = records.pack([foreign])
        data = pick([b"garbage" + mark, pack[: len(pack) // 2], b'{"type":"joined"}' + mark], kind)
        self._world.witness.planted.add(data)
        self._put(loop, data)
        self._census.count("garbage on the hub")

    def broken_example(self, loop: str) -> None:
        """A record whose example cannot be read."""
        now = self._world.services.clock.now
        foreign = self._foreign(loop=loop, payload=b"x", final_at=now)
        self._world.witness.broken[foreign.uid] = loop
        self._put(loop, records.pack([foreign])[0])
        self._census.count("example that cannot be read")

    def split(self, which: int) -> None:
        self._kinesis.split(pick(self._kinesis.open(), which))
        self._census.count("shard split")

    def merge(self, which: int) -> None:
        shards = self._kinesis.open()
        if len(shards) > 1:
            one = which % (len(shards) - 1)
            self._kinesis.merge(shards[one], shards[one + 1])
            self._census.count("shards merged")

    def recreate(self, *, relay: bool) -> None:
        """An event source mapping is deleted and made anew, as some deployments do."""
        (self._world.relaying if relay else self._world.training).recreate()

    def again(self, shard: int, back: int, size: int, *, relay: bool) -> None:
        """A batch that was delivered is delivered again, beside all else."""
        if relay:
            self._again(self._world.relaying, shard, back, size)
        else:
            self._again(self._world.training, shard, back, size)

    def _again[R: (Streamed, Written)](
        self, mapping: EventSourceMapping[R], shard: int, back: int, size: int
    ) -> None:
        mapping.again(pick(mapping.names(), shard), back, size)

    def _foreign(self, **changes: Any) -> Joined:
        self._planted += 1
        return a_joined(uid=a_uid(FOREIGN + self._planted), **changes)

    def _put(self, loop: str, data: bytes) -> None:
        self._kinesis.put_records(StreamName="hub", Records=[{"PartitionKey": loop, "Data": data}])
