"""F3: a sweeper dies before, among and after its writes, and the next one finishes."""

from collections.abc import Iterator
from functools import partial

from tests.kill.cluster import Cluster
from tests.kill.row import Row
from tests.kill.scene import Scene
from tests.kill.traps import Moment, Trap, kill

WAIT_MS = 1
DUE = 6
QUERY, UPDATE = "Query EventsTable", "UpdateItem EventsTable"


def rows() -> Iterator[Row]:
    places = {
        "before its first query": Trap("expire", Moment.BEFORE, QUERY, kill),
        "before its first write": Trap("expire", Moment.BEFORE, UPDATE, kill),
        "in the middle of its writes": Trap("expire", Moment.AFTER, UPDATE, kill, nth=DUE // 2),
        "after its last write": Trap("expire", Moment.AFTER, UPDATE, kill, nth=DUE),
    }
    for where, trap in places.items():
        yield Row("F3", "kill sweeper", where, partial(_sweep, trap), "middle" in where)


def _sweep(trap: Trap, cluster: Cluster) -> Scene:
    scene = Scene(cluster, wait_ms=WAIT_MS)
    for number in range(DUE):
        scene.client.rank(f"e-{number}")
    scene.client.rank("never", deferred=True)
    scene.trap(trap)
    scene.sweep()
    scene.settle()
    return scene
