"""F7: connections are refused and answers are lost, of everybody's calls."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from tests.kill.cluster import Cluster
from tests.kill.row import Row
from tests.kill.scene import Scene
from tests.kill.weather import Weather

EVENTS = 60
CLIENTS = 4


def rows() -> Iterator[Row]:
    bad = {
        "connections refused, 10 %": (0.1, 0.0),
        "answers lost, 10 %": (0.0, 0.1),
        "answers lost, 40 %": (0.0, 0.4),
    }
    for where, (refused, lost) in bad.items():
        yield Row("F7", "bad weather", where, partial(_weather, refused, lost), refused > 0)


def _weather(refused: float, lost: float, cluster: Cluster) -> Scene:
    scene = Scene(cluster)
    scene.client.rank("never", deferred=True)
    weather = Weather(refused, lost)
    scene.weather(weather)
    with ThreadPoolExecutor(CLIENTS) as clients:
        list(clients.map(scene.earn, (f"e-{number}" for number in range(EVENTS))))
    scene.settle()
    assert weather.casualties, "the weather was fine"
    return scene
