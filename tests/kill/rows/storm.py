"""F8: all at once. Processes die and stand still, the network is bad, and two trainers compete.

A fixed seed decides what happens to whom; what the operating system makes of it differs.
"""

import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from threading import Event

from personalizer.domain.event import Aggregation
from tests.kill.client import Client
from tests.kill.cluster import Cluster
from tests.kill.mappings import Mapping
from tests.kill.process import Died, Failed
from tests.kill.row import Row
from tests.kill.scene import Scene
from tests.kill.weather import Weather

SEEDS = {Aggregation.EARLIEST: 8, Aggregation.SUM: 88}
WAIT_MS = 15_000
EVENTS = 30
CLIENTS = 6
TRAINERS = 2
STRIKE_S = 0.25
STILL_S = 0.5
PAUSE_S = 0.05


def rows() -> Iterator[Row]:
    for aggregation, seed in SEEDS.items():
        where = f"{aggregation}, seed {seed}"
        play = partial(_storm, aggregation, seed)
        yield Row("F8", "all at once", where, play, aggregation is Aggregation.SUM)


def _storm(aggregation: Aggregation, seed: int, cluster: Cluster) -> Scene:
    scene = Scene(cluster, wait_ms=WAIT_MS, aggregation=aggregation)
    rivals = [Mapping(cluster.hub, cluster.functions["training"]) for _ in range(TRAINERS - 1)]
    scene.weather(Weather(refused=0.03, lost=0.1, seed=seed))
    over = Event()
    with ThreadPoolExecutor() as workers:
        for each in (scene.relay, scene.training, *rivals):
            workers.submit(_until, over, each.try_step)
        workers.submit(_until, over, lambda: _sweep(cluster))
        workers.submit(_until, over, partial(_strike, cluster, random.Random(seed)), STRIKE_S)
        try:
            _play(scene.client, random.Random(seed))
        finally:
            over.set()
    scene.weather(Weather())
    scene.sweep()
    scene.settle()
    return scene


def _play(client: Client, rng: random.Random) -> None:
    scripts = [rng.choice(SCRIPTS) for _ in range(EVENTS)]
    with ThreadPoolExecutor(CLIENTS) as threads:
        list(threads.map(lambda n, script: script(client, f"e-{n}"), range(EVENTS), scripts))


def _rewarded(client: Client, event_id: str) -> None:
    client.rank(event_id)
    client.reward(event_id, "0.5", "one")
    client.reward(event_id, "0.25", "two")
    client.reward(event_id, "0.5", "one")


def _rewarded_early(client: Client, event_id: str) -> None:
    client.reward(event_id, "0.5", "one")
    client.rank(event_id)


def _activated(client: Client, event_id: str) -> None:
    client.rank(event_id, deferred=True)
    client.activate(event_id)


def _activated_by_its_reward(client: Client, event_id: str) -> None:
    client.rank(event_id, deferred=True)
    client.reward(event_id, "0.75", "one")


def _never_shown(client: Client, event_id: str) -> None:
    client.rank(event_id, deferred=True)


def _without_reward(client: Client, event_id: str) -> None:
    client.rank(event_id)


SCRIPTS = (
    _rewarded,
    _rewarded_early,
    _activated,
    _activated_by_its_reward,
    _never_shown,
    _without_reward,
)


def _until(over: Event, act: Callable[[], object], pause: float = PAUSE_S) -> None:
    while not over.wait(pause):
        act()


def _sweep(cluster: Cluster) -> None:
    with suppress(Died, Failed):
        cluster.functions["expire"]({})


def _strike(cluster: Cluster, rng: random.Random) -> None:
    """Someone at work is killed, or stands still for a while."""
    function = cluster.functions[rng.choice([*cluster.functions])]
    deadly, victims = rng.random() < 0.6, function.busy()
    with suppress(IndexError, ProcessLookupError):  # nobody is at work, or not any more
        victim = rng.choice(victims)
        if deadly:
            os.kill(victim, signal.SIGKILL)
            return
        os.kill(victim, signal.SIGSTOP)
        time.sleep(STILL_S)
        os.kill(victim, signal.SIGCONT)
