"""What others offer for the same: libraries of contextual bandits."""

from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np

from benchmarks.learning.remembering import VectorPlayer
from benchmarks.learning.vectors import Vector
from benchmarks.learning.worlds import World
from cli.worlds import Shape

type Heard = list[tuple[Vector, int, float]]


@dataclass(frozen=True, slots=True)
class Mabwiser:
    """`policy` as the library calls it."""

    policy: str
    alpha: float

    @property
    def name(self) -> str:
        return f"mabwiser {self.policy}"

    def player(self, world: World, shape: Shape, seed: int) -> "MabwiserPlayer":
        return MabwiserPlayer(world, seed, self.policy, self.alpha)


@dataclass(frozen=True, slots=True)
class ContextualBandits:
    alpha: float
    name: str = "contextualbandits LinUCB"

    def player(self, world: World, shape: Shape, seed: int) -> "ContextualBanditsPlayer":
        return ContextualBanditsPlayer(world, seed, self.alpha)


def is_there(library: str) -> bool:
    return find_spec(library) is not None


class MabwiserPlayer(VectorPlayer):
    def __init__(self, world: World, seed: int, policy: str, alpha: float) -> None:
        from mabwiser.mab import MAB, LearningPolicy

        super().__init__(world)
        chosen = getattr(LearningPolicy, policy)(alpha=alpha)
        self._mab: Any = MAB([*range(len(world.actions))], chosen, seed=seed)
        nothing = np.zeros((1, len(self._encoded(world.visits[0]))))
        self._mab.fit([0], [0.0], nothing)  # it predicts nothing before its first lesson

    def _choice(self, context: Vector) -> int:
        return int(self._mab.predict([context]))

    def _learned(self, heard: Heard) -> None:
        contexts, actions, rewards = zip(*heard, strict=True)
        self._mab.partial_fit([*actions], [*rewards], np.array(contexts))


class ContextualBanditsPlayer(VectorPlayer):
    def __init__(self, world: World, seed: int, alpha: float) -> None:
        from contextualbandits.online import LinUCB

        super().__init__(world)
        self._model: Any = LinUCB(len(world.actions), alpha=alpha, random_state=seed + 1)
        self._chance = np.random.default_rng(seed)
        self._knows = False

    def _choice(self, context: Vector) -> int:
        if not self._knows:
            return int(self._chance.integers(len(self._actions)))
        return int(self._model.predict(context[np.newaxis])[0])

    def _learned(self, heard: Heard) -> None:
        contexts, actions, rewards = zip(*heard, strict=True)
        self._model.partial_fit(np.array(contexts), np.array(actions), np.array(rewards))
        self._knows = True
