"""F9: what nobody can read, or what kills Vowpal Wabbit, lies on the hub among good events.

The API would make such input harmless, so it is put straight onto the hub.
"""

import time
from collections.abc import Iterator
from functools import partial

from personalizer import payload, records
from personalizer.domain.decision import Decision
from personalizer.domain.example import Example
from tests.factories import a_joined
from tests.kill.cluster import Cluster
from tests.kill.row import Row
from tests.kill.scene import Scene
from tests.kill.traps import Moment, Trap, kill

DECISION = Decision((0, 1), (0.75, 0.25), ())
ACTIONS = b'"_multi":[{"j":{"x":1}},{"j":{"y":1}}]'
DEPTH = 200_000

FEATURES = {
    "features that are not JSON": b'{"FromUrl":{"hour":',
    "a text that is not Unicode": b'{"FromUrl":{"name":"\xff"},' + ACTIONS + b"}",
    "half a surrogate pair": b'{"FromUrl":{"name":"\\ud800"},' + ACTIONS + b"}",
    "an array in _slots, fatal to VW": b'{"_slots":[[1]],' + ACTIONS + b"}",
    "nesting, fatal to VW": b'{"n":' * DEPTH + b"1" + b"}" * DEPTH,
}
PAYLOADS = {what: payload.pack(Example(DECISION, 1, data)) for what, data in FEATURES.items()}
SHORT = "nesting, fatal to VW"


def rows() -> Iterator[Row]:
    for what, packed in PAYLOADS.items():
        yield Row("F9", "poison", what, partial(_poisoned, [packed]), what == SHORT)
    yield Row("F9", "poison", "a payload that is not packed", partial(_poisoned, [b"not zstd"]))
    yield Row("F9", "poison", "a record that is none", _unreadable)
    yield Row("F9", "poison", "all kinds, and the trainer killed", _killed, short=True)


def _poisoned(packed: list[bytes], cluster: Cluster) -> Scene:
    scene = Scene(cluster)
    scene.learn("a", "b")
    for number, each in enumerate(packed):
        scene.earn(f"before-{number}")
        scene.publish()
        _put(scene, each)
    scene.earn("after")
    scene.settle()
    return scene


def _killed(cluster: Cluster) -> Scene:
    scene = Scene(cluster)
    scene.learn("a", "b")
    for packed in PAYLOADS.values():
        _put(scene, packed)
    scene.earn("after")
    scene.publish()
    scene.trap(
        Trap("training", Moment.AFTER, "PUT quarantine", kill, nth=len(PAYLOADS) // 2),
        Trap("training", Moment.AFTER, "PUT commit", kill),
    )
    scene.settle()
    return scene


def _unreadable(cluster: Cluster) -> Scene:
    scene = Scene(cluster)
    scene.learn("a", "b")
    before = cluster.quarantined("unreadable")
    cluster.kinesis.put_record(
        StreamName=cluster.hub_name, Data=b"not a record", PartitionKey=scene.loop
    )
    scene.earn("after")
    scene.settle()
    aside = cluster.quarantined("unreadable").keys() - before.keys()
    assert len(aside) == 1, f"set aside: {aside}"
    return scene


def _put(scene: Scene, packed: bytes) -> None:
    """A joined event of the scene's loop with this payload, in the middle of everything."""
    number, now = len(scene.poisoned) + 1, int(time.time() * 1000)
    joined = a_joined(number, loop=scene.loop, payload=packed, ranked_at=now, final_at=now)
    scene.poisoned.add(joined.uid)
    scene.cluster.kinesis.put_record(
        StreamName=scene.cluster.hub_name, Data=records.encode(joined), PartitionKey=scene.loop
    )
