"""F4: the relay dies around its writes, and the whole batch is delivered again."""

from collections.abc import Iterator
from functools import partial

from tests.kill.cluster import Cluster
from tests.kill.row import Row
from tests.kill.scene import Scene
from tests.kill.traps import Moment, Trap, kill, lose

PUT, NOTE = "PutRecords", "PUT audit"


def rows() -> Iterator[Row]:
    places = {
        "before PutRecords": [Trap("relay", Moment.BEFORE, PUT, kill)],
        "between PutRecords and its repetition": [
            Trap("relay", Moment.AFTER, PUT, lose),
            Trap("relay", Moment.BEFORE, PUT, kill, nth=2),
        ],
        "after PutRecords": [Trap("relay", Moment.AFTER, PUT, kill)],
        "before PUT audit": [Trap("relay", Moment.BEFORE, NOTE, kill)],
        "after PUT audit": [Trap("relay", Moment.AFTER, NOTE, kill)],
    }
    for where, laid in places.items():
        yield Row("F4", "kill relay", where, partial(_relay, laid), where.startswith("between"))
    yield Row("F4", "kill relay", "when it has just returned", _returned)


def _relay(laid: list[Trap], cluster: Cluster) -> Scene:
    scene = Scene(cluster)
    scene.earn("a", "b", "c")
    scene.client.rank("never", deferred=True)
    scene.trap(*laid)
    scene.settle()
    return scene


def _returned(cluster: Cluster) -> Scene:
    scene = Scene(cluster)
    scene.earn("a", "b", "c")
    cluster.functions["relay"].forgets_answers = 1
    scene.settle()
    return scene
