"""How a history begins: there are events, rewards and models, and all is well."""

from collections.abc import Iterable
from decimal import Decimal

from personalizer.domain.event import Key
from tests.simulation.world import Course, World

BATCH = 100
EVENTS = 3


def begin(world: World, loops: Iterable[str]) -> None:
    for loop in loops:
        for number in range(EVENTS):
            key = Key(loop, f"e-{number}")
            world.rank(key, hour=1, deferred=False, course=Course())
            world.reward(key, Decimal(number) / 10, "call-0", Course())
    relay_all(world, Course())
    train_all(world, Course())


def relay_all(world: World, course: Course) -> None:
    for shard in range(len(world.services.stream.shards)):
        world.relay(shard, BATCH, course)


def train_all(world: World, course: Course) -> None:
    for shard in range(len(world.services.kinesis.shards)):
        world.train(shard, BATCH, course)
