"""Seconds from a reward to a rank that is served by a model which has learned it.

On the local stack, as a client sees it, with default settings and one event at a time: the model's
generation is read off each rank's response. Pauses between the trials are random, so that they meet
every phase of the publishing interval.
"""

import statistics
import time
from collections.abc import Iterator
from random import Random

from benchmarks.figure import Figure
from cli.client import Client, Decision
from cli.local import loop
from cli.steps import Problem, problems_explained

TRIALS = 12
PAUSE_S = 10.0
POLL_S = 0.1
PATIENCE_S = 60.0


def figures() -> Iterator[Figure]:
    random = Random(1)
    with problems_explained(), loop.new("served").client as client:
        seconds = [_trial(client, random) for _ in range(TRIALS)]
    # 7.3 s: the Decision Service's figure (Agarwal et al., arXiv:1606.03966, section 7).
    yield Figure("reward_to_served_seconds", statistics.median(seconds), "<7.3")
    yield Figure("reward_to_served_seconds_worst", max(seconds), "-")


def _trial(client: Client, random: Random) -> float:
    """All earlier rewards are served by now, so the next generation holds this one."""
    time.sleep(random.uniform(0, PAUSE_S))
    decision = _rank(client)
    started = time.monotonic()
    client.reward(decision.event_id, 1.0)
    while _rank(client, deferred=True).generation <= decision.generation:
        if time.monotonic() - started > PATIENCE_S:
            raise Problem("No newer model is being served.")
        time.sleep(POLL_S)
    return time.monotonic() - started


def _rank(client: Client, *, deferred: bool = False) -> Decision:
    """A deferred rank is never learned, so asking does not disturb what is measured."""
    actions: list[dict[str, object]] = [
        {"id": name, "features": [{"name": name}]} for name in ("a", "b")
    ]
    return client.rank([{"visitor": "x"}], actions, deferred=deferred)
