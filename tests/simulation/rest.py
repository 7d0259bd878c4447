"""Faults stop, and everything comes to rest: within a bounded time, and as it should be."""

from personalizer.domain.event import CLOCK_SKEW_MS
from personalizer.errors import UNREADABLE
from personalizer.usecases.conservation import Conservation
from personalizer.usecases.verify import Verify
from tests.simulation.fickle import FickleEngine
from tests.simulation.fleet import MINUTE_MS
from tests.simulation.nature import Nature
from tests.simulation.world import HOUR_MS, LOOPS, WAIT_MS, Course, World

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
    _deliver_everything(world)
    _bring_back(world)
    _check(world)


def _sweep_for_an_hour(world: World) -> None:
    for _ in range(61):
        world.sweep(Course())
        world.wait(MINUTE_MS)


def _deliver_everything(world: World) -> None:
    for _ in range(ROUNDS):
        for shard in range(len(world.stream.shards)):
            world.relay(shard, BATCH, Course())
        for shard in range(len(world.kinesis.shards)):
            world.train(shard, BATCH, Course())
        if world.relaying.is_done() and world.training.is_done():
            return
    raise AssertionError("it does not come to rest")


def _bring_back(world: World) -> None:
    """What is given up, and what was set aside: some of it will be set aside again."""
    world.redrive_letters(Course())
    for loop in (*LOOPS, UNREADABLE):
        world.redrive(loop, Course())
    _deliver_everything(world)


def _check(world: World) -> None:
    world.witness.check_rest(world.quarantine, world.letters)
    accounts = Conservation(
        world.events, world.loops, world.objects, world.quarantine, world.audit
    )
    verify = Verify(world.loops, world.objects, FickleEngine())
    for loop in LOOPS:
        world.witness.check_balance(loop, accounts(loop))
        assert all(verdict.same for verdict in verify(loop)), "a model that cannot be made again"
