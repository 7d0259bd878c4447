"""F5: the trainer dies at each of its steps T1 to T7, and the batch is delivered again.

Every row begins with a loop that has learned already, so that there is a model to go on from.
"""

from collections.abc import Iterator
from functools import partial

from tests.kill.checks import check
from tests.kill.client import some_actions
from tests.kill.cluster import Cluster
from tests.kill.row import Row
from tests.kill.scene import Scene
from tests.kill.traps import Moment, Trap, kill

HEAD_READ, HEAD_WRITE = "Query LoopsTable", "PutItem LoopsTable"
WRITES = {"T4": ("PUT gen", "PUT log", "PUT seen"), "T5": ("PUT commit",), "T6": (HEAD_WRITE,)}
SHORT = (HEAD_WRITE, "PUT log")


def rows() -> Iterator[Row]:
    reads = {"T1": HEAD_READ, "T2": "GET gen"}
    for step, call in reads.items():
        yield _row(step, Moment.AFTER, call)
    for step, calls in WRITES.items():
        for call in calls:
            yield _row(step, Moment.BEFORE, call)
            yield _row(step, Moment.AFTER, call)
    yield Row("F5.T6", "kill trainer", "between the heads of two loops", _two_loops, short=True)
    yield Row("F5.T7", "kill trainer", "when it has just returned", _returned, short=True)


def _row(step: str, moment: Moment, call: str) -> Row:
    trap = Trap("training", moment, call, kill)
    short = call in SHORT and moment is Moment.AFTER
    return Row(f"F5.{step}", "kill trainer", f"{moment} {call}", partial(_trapped, trap), short)


def _trapped(trap: Trap, cluster: Cluster) -> Scene:
    scene = begun(cluster)
    scene.trap(trap)
    scene.settle()
    return scene


def _two_loops(cluster: Cluster) -> Scene:
    """Of one batch: the first loop's share is trained, the second's is not."""
    first, second = begun(cluster), begun(cluster)
    second.trap(Trap("training", Moment.AFTER, HEAD_WRITE, kill))
    first.settle()
    second.settle()
    check(first)
    return second


def _returned(cluster: Cluster) -> Scene:
    scene = begun(cluster)
    cluster.functions["training"].forgets_answers = 1
    scene.settle()
    return scene


def begun(cluster: Cluster, *, wide: int = 0) -> Scene:
    """A loop that has learned two events, and has three more on the hub; of so many more features
    that learning takes a while."""
    scene = Scene(cluster)
    scene.client.context = {f"f{number}": number for number in range(wide)}
    if wide:
        scene.client.actions = some_actions(wide)
    scene.learn("a", "b")
    scene.earn("c", "d", "e")
    scene.client.rank("never", deferred=True)
    scene.publish()
    return scene
