"""Faults stop, and everything comes to rest: within a bounded time, and as it should be."""

from personalizer.domain.event import CLOCK_SKEW_MS
from tests.simulation.fleet import MINUTE_MS
from tests.simulation.nature import Nature
from tests.simulation.world import HOUR_MS, WAIT_MS, Course, World

ROUNDS = 200
"""More than any history needs: each delivers a batch of every shard."""
BATCH = 50


def rest(nature: Nature, *, sweeper: bool) -> None:
    """Without a sweeper, TTL is the timer."""
    world = nature.world
    world.processes.finish()
    world.wait(WAIT_MS + CLOCK_SKEW_MS + 2 * world.skew_ms)
    if sweeper:
        _sweep_for_an_hour(world)
    world.wait(HOUR_MS)
    for key in nature.expired():
        nature.delete(key, expired=True)
    _deliver_everything(nature)
    world.witness.check_rest(world.stream.unreadable)


def _sweep_for_an_hour(world: World) -> None:
    for _ in range(61):
        world.sweep(Course())
        world.wait(MINUTE_MS)


def _deliver_everything(nature: Nature) -> None:
    world = nature.world
    for _ in range(ROUNDS):
        for shard in range(len(world.stream.shards)):
            world.relay(shard, BATCH, Course())
        for shard in range(len(world.kinesis.shards)):
            world.train(shard, BATCH, Course())
        redriven = nature.redrive()
        world.processes.finish()
        if world.relaying.is_done() and world.training.is_done() and not redriven:
            return
    raise AssertionError("it does not come to rest")
