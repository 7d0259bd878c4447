"""F5.T3: what dies while Vowpal Wabbit learns: the trainer, the process that learns, or its parent.

The trainer's child is the nursery, and the nursery's child learns.
"""

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import product
from pathlib import Path

from personalizer.adapters.vw.nursery import PROGRESS
from tests.kill.cluster import Cluster
from tests.kill.row import Row
from tests.kill.rows.trainer import begun
from tests.kill.scene import Scene

PATIENCE_S = 20
STEP_S = 0.0005
WIDE = 45
"""Actions and features, with which a line takes some milliseconds to learn."""

VICTIMS = ("trainer", "nursery", "learner")
PLACES = {"when it starts": 0, "among its lines": 1}


def rows() -> Iterator[Row]:
    for victim, (where, lines) in product(VICTIMS, PLACES.items()):
        play = partial(_learning, victim, lines)
        short = victim == "learner" and lines > 0
        yield Row("F5.T3", f"kill {victim}", f"while VW learns, {where}", play, short)


@dataclass(frozen=True, slots=True)
class Family:
    trainer: int
    nursery: int
    learner: int


def _learning(victim: str, lines: int, cluster: Cluster) -> Scene:
    scene = begun(cluster, wide=WIDE)
    with ThreadPoolExecutor(1) as threads:
        threads.submit(scene.training.try_step)
        family = _born(cluster)
        _advance(family.learner, lines)
        os.kill(getattr(family, victim), signal.SIGKILL)
        with suppress(ProcessLookupError):  # it was the learner itself
            os.kill(family.learner, signal.SIGCONT)
    scene.settle()
    return scene


def _born(cluster: Cluster) -> Family:
    """The family at work, the learner stopped."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        for trainer in cluster.functions["training"].busy():
            for nursery in _children(trainer):
                for learner in _children(nursery):
                    os.kill(learner, signal.SIGSTOP)
                    return Family(trainer, nursery, learner)
    raise AssertionError("nobody learns")


def _advance(learner: int, lines: int) -> None:
    """Let it go on, in little steps, until it has learned so many lines."""
    while _learned(learner) < lines:
        os.kill(learner, signal.SIGCONT)
        time.sleep(STEP_S)
        os.kill(learner, signal.SIGSTOP)


def _learned(learner: int) -> int:
    for file in Path(f"/proc/{learner}/fd").iterdir():
        if file.resolve().name == PROGRESS:
            return int.from_bytes(file.read_bytes())
    return 0


def _children(pid: int) -> list[int]:
    try:
        found = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:
        return []
    return [*map(int, found.split())]
