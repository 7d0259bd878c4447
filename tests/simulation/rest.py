"""Faults stop, and everything comes to rest: within a bounded time, and as it should be."""

from personalizer.domain.event import CLOCK_SKEW_MS
from personalizer.errors import UNREADABLE
from personalizer.usecases.conservation import Conservation
from personalizer.usecases.verify import Verify
from tests.simulation.fickle import FickleEngine
from tests.simulation.fleet import MINUTE_MS
from tests.simulation.prelude import relay_all, train_all
from tests.simulation.services import LOOPS, WAIT_MS
from tests.simulation.storage import Storage
from tests.simulation.world import HOUR_MS, Course, World

ROUNDS = 200
"""More than any history needs: each delivers a batch of every shard."""


def rest(world: World, storage: Storage, *, sweeper: bool) -> None:
    """Without a sweeper, TTL is the timer."""
    world.services.processes.finish()
    world.wait(WAIT_MS + CLOCK_SKEW_MS + 2 * world.skew_ms)
    if sweeper:
        _sweep_for_an_hour(world)
    world.wait(HOUR_MS)
    for key in storage.expired():
        storage.delete(key, expired=True)
    _deliver_everything(world)
    _bring_back(world)
    _check(world)


def _sweep_for_an_hour(world: World) -> None:
    for _ in range(61):
        world.sweep(Course())
        world.wait(MINUTE_MS)


def _deliver_everything(world: World) -> None:
    for _ in range(ROUNDS):
        relay_all(world, Course())
        train_all(world, Course())
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
    world.witness.check_rest()
    its = world.services
    accounts = Conservation(its.events, its.loops, its.objects, its.quarantine, its.audit)
    verify = Verify(its.loops, its.objects, FickleEngine())
    for loop in LOOPS:
        world.witness.check_balance(loop, accounts(loop))
        assert all(verdict.same for verdict in verify(loop)), "a model that cannot be made again"
