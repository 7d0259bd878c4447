"""F1, F2: the API's processes die around the one write of a call, and the client calls again."""

from collections.abc import Callable, Iterator
from functools import partial

from personalizer.domain.event import Aggregation
from tests.kill.cluster import Cluster
from tests.kill.row import Row
from tests.kill.scene import Scene
from tests.kill.traps import Moment, Trap, kill

WAIT_MS = 4_000
PUT, UPDATE = "PutItem EventsTable", "UpdateItem EventsTable"


def rows() -> Iterator[Row]:
    for moment in Moment:
        late = moment is Moment.AFTER
        yield Row("F1", "kill rank", f"{moment} its put", partial(_rank, moment), late)
    for name, play in REWARDS.items():
        for moment in Moment:
            late = moment is Moment.AFTER
            yield Row("F2", "kill reward", f"{moment} {name}", partial(play, moment), late)
    for moment in Moment:
        yield Row("F2", "kill activate", f"{moment} its update", partial(_activate, moment))


def _rank(moment: Moment, cluster: Cluster) -> Scene:
    """Before the client asks again, the loop gets another model."""
    scene = Scene(cluster)
    scene.learn("a", "b")
    scene.trap(Trap("rank", moment, PUT, kill))
    told = scene.client.rank("e")
    scene.learn("c", "d")
    assert scene.client.again("e") == told.ranking, "another ranking for the same event"
    scene.client.reward("e", "1")
    scene.settle()
    return scene


def _earliest(moment: Moment, cluster: Cluster) -> Scene:
    scene = Scene(cluster)
    scene.client.rank("e")
    scene.trap(Trap("reward", moment, UPDATE, kill))
    scene.client.reward("e", "0.5")
    scene.client.reward("e", "1")
    scene.settle()
    return scene


def _several(aggregation: Aggregation, moment: Moment, cluster: Cluster) -> Scene:
    """What adds a reward is a call's second write: the first is for loops that settle early."""
    scene = Scene(cluster, wait_ms=WAIT_MS, aggregation=aggregation)
    scene.client.rank("e")
    scene.client.reward("e", "0.25", "one")
    scene.trap(Trap("reward", moment, UPDATE, kill, nth=2))
    scene.client.reward("e", "0.5", "two")
    scene.sweep()
    scene.settle()
    return scene


def _stub(moment: Moment, cluster: Cluster) -> Scene:
    """The reward comes before its rank."""
    scene = Scene(cluster)
    scene.trap(Trap("reward", moment, PUT, kill))
    scene.client.reward("e", "0.5")
    scene.client.rank("e")
    scene.settle()
    return scene


def _activate(moment: Moment, cluster: Cluster) -> Scene:
    scene = Scene(cluster)
    scene.client.rank("never", deferred=True)
    scene.client.rank("e", deferred=True)
    scene.trap(Trap("activate", moment, UPDATE, kill))
    scene.client.activate("e")
    scene.client.reward("e", "0.5")
    scene.settle()
    return scene


REWARDS: dict[str, Callable[[Moment, Cluster], Scene]] = {
    "its update, earliest": _earliest,
    "its update, sum": partial(_several, Aggregation.SUM),
    "its update, average": partial(_several, Aggregation.AVERAGE),
    "the put of a stub": _stub,
}
