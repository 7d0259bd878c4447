"""Seconds from a changed setting to ranks that heed it.

On the local stack, as a client sees it, under a steady stream of ranks: the loop's exploration is
read off the least probability in each ranking. Azure took 10 s to 39 s. Pauses between the trials
are random, so that they meet every phase of the refreshes.
"""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle, islice
from random import Random
from threading import Event

import httpx

from benchmarks.figure import Figure
from cli.local import loop
from cli.steps import Problem, problems_explained

TRIALS = 10
EXPLORATIONS = (0.4, 0.2)
RANKERS = 2
RANKER_PAUSE_S = 0.05
PAUSE_S = 4.0
QUIET_S = 5.0
"""The old setting is gone when nobody has met it for so long: two refreshes and some."""
PATIENCE_S = 60.0
POLICY = {"name": "best", "arguments": "--cb_explore_adf --cb_type mtr -q ::"}
"""Chooses the best action: the other's chance is the loop's exploration and nothing else."""
ACTIONS = [{"id": name, "features": [{"name": name}]} for name in ("a", "b")]
RANK = {"contextFeatures": [{"visitor": "x"}], "actions": ACTIONS}


@dataclass(frozen=True, slots=True)
class Seen:
    """What a rank that was answered at this time explored."""

    at: float
    exploration: float

    def heeds(self, exploration: float) -> bool:
        return math.isclose(self.exploration, exploration, abs_tol=1e-4)


@dataclass(frozen=True, slots=True)
class Effect:
    """Seconds until a rank first heeded the new setting, and until the last heeded another."""

    first: float
    everywhere: float


def figures() -> Iterator[Figure]:
    random = Random(1)
    with problems_explained(), _owner() as owner:
        _teach(owner)
        with _stream(owner) as seen:
            settings = islice(cycle(EXPLORATIONS), TRIALS)
            effects = [_trial(owner, seen, exploration, random) for exploration in settings]
    yield Figure("config_to_effect_seconds", _p95(each.first for each in effects), "<5")
    everywhere = _p95(each.everywhere for each in effects)
    yield Figure("config_to_effect_seconds_everywhere", everywhere, "-")


def _owner() -> httpx.Client:
    """Of a new loop; the usual client tells no probabilities."""
    made = loop.new("configured", "--model-export-seconds", "1")
    return httpx.Client(
        base_url=f"{made.url}/personalizer/v1.1-preview.3",
        headers={"Ocp-Apim-Subscription-Key": made.key},
        timeout=30,
        trust_env=False,  # a proxy has no business between this machine and itself
    )


def _teach(owner: httpx.Client) -> None:
    """Before there is a model, all actions are as likely, however much a loop explores.

    The reward is 0, since the model learns costs, and 1 would be none.
    """
    _call(owner, "PUT", "configurations/policy", POLICY)
    event = _call(owner, "POST", "rank", RANK).json()["eventId"]
    _call(owner, "POST", f"events/{event}/reward", {"value": 0})
    _until(lambda: not _rank(owner).heeds(1.0), "No model is being served.")


@contextmanager
def _stream(owner: httpx.Client) -> Iterator[Sequence[Seen]]:
    """What a few clients see that rank all the time."""
    seen: list[Seen] = []
    over = Event()

    def keep_ranking() -> None:
        while not over.wait(RANKER_PAUSE_S):
            seen.append(_rank(owner))

    with ThreadPoolExecutor(RANKERS) as pool:
        rankers = [pool.submit(keep_ranking) for _ in range(RANKERS)]
        try:
            yield seen
        finally:
            over.set()
    for ranker in rankers:
        ranker.result()


def _trial(owner: httpx.Client, seen: Sequence[Seen], exploration: float, random: Random) -> Effect:
    time.sleep(random.uniform(0, PAUSE_S))
    before, started = len(seen), time.monotonic()
    _explore(owner, exploration)
    _until(lambda: _quiet(seen[before:], exploration), "The new setting is not heeded.")
    return _effect(seen[before:], exploration, started)


def _explore(owner: httpx.Client, exploration: float) -> None:
    """The wait for rewards changes too, as when somebody saves a page of settings."""
    settings = _call(owner, "GET", "configurations/service").json()
    settings["explorationPercentage"] = exploration
    settings["rewardWaitTime"] = f"PT{round(exploration * 100)}M"
    _call(owner, "PUT", "configurations/service", settings)


def _quiet(seen: Sequence[Seen], exploration: float) -> bool:
    """Whether the last ranks, for long enough, heeded this."""
    heeding = [each.at for each in seen if each.heeds(exploration)]
    others = [each.at for each in seen if not each.heeds(exploration)]
    return bool(heeding) and heeding[-1] - max(others, default=heeding[0]) > QUIET_S


def _effect(seen: Sequence[Seen], exploration: float, started: float) -> Effect:
    first = min(each.at for each in seen if each.heeds(exploration))
    others = (each.at for each in seen if not each.heeds(exploration))
    return Effect(first - started, max([first, *others]) - started)


def _rank(owner: httpx.Client) -> Seen:
    """Deferred, and so never learned: the model stays what it is."""
    ranking = _call(owner, "POST", "rank", RANK | {"deferActivation": True}).json()["ranking"]
    least: float = min(action["probability"] for action in ranking)
    return Seen(time.monotonic(), least * len(ACTIONS))


def _p95(values: Iterator[float]) -> float:
    """Of ten, the worst."""
    ordered = sorted(values)
    return ordered[math.ceil(0.95 * len(ordered)) - 1]


def _until(done: Callable[[], bool], otherwise: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not done():
        if time.monotonic() > deadline:
            raise Problem(otherwise)
        time.sleep(0.1)


def _call(owner: httpx.Client, method: str, path: str, body: object = None) -> httpx.Response:
    return owner.request(method, path, json=body).raise_for_status()
