"""F10: the hub's shards split and merge while events are under way, and processes die around it.

The relay of these rows spreads the loop over lanes, so that its events are on all shards.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

from tests.kill import function
from tests.kill.cluster import Cluster
from tests.kill.kinesis import server
from tests.kill.kinesis.shards import Shards
from tests.kill.row import Row, Skipped
from tests.kill.rows.trainer import HEAD_WRITE
from tests.kill.scene import Scene
from tests.kill.traps import Moment, Trap, kill, lose

LANES = 4
ROUND = 6

type Change = Callable[[Shards], None]

RESHARDINGS: dict[str, tuple[int, list[Change]]] = {
    "a split": (1, [Shards.split]),
    "a merge": (2, [Shards.merge]),
    "a split and a merge": (1, [Shards.split, Shards.merge]),
}


def rows() -> Iterator[Row]:
    for where, (shards, changes) in RESHARDINGS.items():
        for ordered in (True, False):
            read = "parents first" if ordered else "all at once"
            play = partial(_resharded, shards, changes, ordered)
            short = ordered and len(changes) > 1
            yield Row("F10", "reshard, kill", f"{where}, read {read}", play, short)


def _resharded(shards: int, changes: list[Change], ordered: bool, cluster: Cluster) -> Scene:
    try:
        with _of_its_own(cluster, shards) as (own, hub):
            return _played(own, hub, changes, ordered)
    except server.Missing as missing:
        raise Skipped(f"needs {missing}") from missing


def _played(cluster: Cluster, hub: Shards, changes: list[Change], ordered: bool) -> Scene:
    """Every shard holds something unread when it ends, and what follows it does so too."""
    scene = Scene(cluster)
    scene.training.ordered = ordered
    _round(scene, "before")
    scene.settle()
    _round(scene, "parents")
    for number, change in enumerate(changes):
        change(hub)
        _round(scene, f"children-{number}")
    scene.trap(
        Trap("relay", Moment.AFTER, "PutRecords", lose),
        Trap("training", Moment.BEFORE, HEAD_WRITE, kill),
        Trap("training", Moment.AFTER, HEAD_WRITE, kill, nth=2),
    )
    _round(scene, "last")
    scene.settle()
    return scene


def _round(scene: Scene, name: str) -> None:
    scene.earn(*(f"{name}-{number}" for number in range(ROUND)))
    scene.publish()


@contextmanager
def _of_its_own(cluster: Cluster, shards: int) -> Iterator[tuple[Cluster, Shards]]:
    """The cluster with another hub, and a relay that knows of lanes."""
    lanes = {**cluster.variables, "HUB_LANES": str(LANES)}
    with (
        server.running(cluster.folder / "kinesis.log") as port,
        cluster.proxy.kinesis_on(port),
        function.running("relay", lanes, cluster.folder / "lanes") as relay,
    ):
        own = replace(cluster, functions={**cluster.functions, "relay": relay})
        hub = Shards(own.kinesis, own.hub_name)
        hub.create(shards)
        yield own, hub
