"""F7, F12: one call fares badly as often as the SDK repeats it, so that its function gives up.

Half of the time the write was done all the same, and its writer cannot know.
"""

from collections.abc import Iterator
from functools import partial

from tests.kill.cluster import Cluster
from tests.kill.row import Row
from tests.kill.rows.trainer import HEAD_WRITE, begun
from tests.kill.scene import Scene
from tests.kill.traps import Deed, Moment, Trap, lose, throttle

QUICK, PATIENT = 3, 5
"""How often the SDK calls: for the API, and for what nobody waits for."""

CALLS = {
    ("rank", "PutItem EventsTable"): QUICK,
    ("reward", "UpdateItem EventsTable"): QUICK,
    ("relay", "PutRecords"): PATIENT,
    ("training", "PUT commit"): PATIENT,
    ("training", HEAD_WRITE): PATIENT,
}


def rows() -> Iterator[Row]:
    for (function, call), times in CALLS.items():
        for moment in Moment:
            what = "unheard" if moment is Moment.BEFORE else "unanswered"
            play = partial(_given_up, function, call, moment, lose, times)
            short = call == HEAD_WRITE and moment is Moment.AFTER
            yield Row("F7", f"{function} {what}", f"{call}, until it gives up", play, short)
    throttled = partial(_given_up, "relay", "PutRecords", Moment.BEFORE, throttle, PATIENT)
    yield Row("F12", "relay throttled", "PutRecords, until it gives up", throttled)


def _given_up(
    function: str, call: str, moment: Moment, deed: Deed, times: int, cluster: Cluster
) -> Scene:
    scene = begun(cluster)
    scene.trap(*(Trap(function, moment, call, deed, nth=n + 1) for n in range(times)))
    scene.earn("f", "g")
    scene.settle()
    return scene
