"""F6, F18: a trainer is stopped at a step, the loop goes on without it, and then it goes on too.

Lambda does the like when it gives up on a process that a moment later is thawed for its next event.
"""

import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial

from personalizer.domain.loop import DEFAULT_POLICY
from personalizer.domain.policy import Policy, without_cubic
from personalizer.usecases import steer
from tests.kill.cluster import Cluster
from tests.kill.process import Failed
from tests.kill.row import Row
from tests.kill.rows.trainer import HEAD_READ, HEAD_WRITE, begun
from tests.kill.scene import Scene
from tests.kill.traps import Freeze, Moment, Trap

STEPS = {
    "F6.T1": (Moment.AFTER, HEAD_READ),
    "F6.T2": (Moment.AFTER, "GET gen"),
    "F6.T3": (Moment.BEFORE, "PUT gen"),
    "F6.T4": (Moment.BEFORE, "PUT log"),
    "F6.T5": (Moment.BEFORE, "PUT commit"),
    "F6.T6": (Moment.BEFORE, HEAD_WRITE),
}
PATIENCE_S = 20

type Meanwhile = Callable[[Scene], None]


def rows() -> Iterator[Row]:
    for step, (moment, call) in STEPS.items():
        play = partial(_stopped, moment, call, _another_trains)
        where = f"{moment} {call}, another trains"
        yield Row(step, "stop trainer", where, play, step == "F6.T6")
    for what, meanwhile in {"a new policy": _new_policy, "a reset": _reset}.items():
        play = partial(_stopped, Moment.BEFORE, HEAD_WRITE, meanwhile)
        where = f"before {HEAD_WRITE}, {what}"
        yield Row("F18", "stop trainer", where, play, meanwhile is _reset)


def _stopped(moment: Moment, call: str, meanwhile: Meanwhile, cluster: Cluster) -> Scene:
    scene, freeze = begun(cluster), Freeze()
    trap = Trap("training", moment, call, freeze)
    scene.trap(trap)
    batch = scene.training.peek()
    with ThreadPoolExecutor(1) as threads:
        zombie = threads.submit(cluster.functions["training"], batch)
        assert trap.sprung.wait(PATIENCE_S), "the trainer never came by"
        try:
            meanwhile(scene)
            changed = scene.chain().head
        finally:
            freeze.thaw()
        with suppress(Failed):  # it may say that it lost the race: Lambda would deliver again
            zombie.result()
    scene.settle()
    head = scene.chain().head
    assert (head.epoch, head.policy) == (changed.epoch, changed.policy), "the change was undone"
    return scene


def _another_trains(scene: Scene) -> None:
    """The same batch, and one more, which the first must not undo."""
    scene.settle()
    scene.learn("f", "g")


def _new_policy(scene: Scene) -> None:
    """Of other arguments, so that a new model begins."""
    policy = Policy("other", without_cubic(DEFAULT_POLICY))
    cluster = scene.cluster
    change_id, now = uuid.uuid4().hex, time.time_ns() // 1_000_000
    steer.set_policy(cluster.loops, cluster.objects, scene.loop, policy, change_id, now)


def _reset(scene: Scene) -> None:
    steer.reset(scene.cluster.loops, scene.loop, uuid.uuid4().hex)
