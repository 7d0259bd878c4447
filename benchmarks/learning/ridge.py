"""LinUCB as in its paper (Li et al. 2010, algorithm 1): a ridge regression for each action."""

from dataclasses import dataclass

import numpy as np

from benchmarks.learning.remembering import VectorPlayer
from benchmarks.learning.vectors import Vector
from benchmarks.learning.worlds import World
from cli.worlds import Shape


@dataclass(frozen=True, slots=True)
class Ridge:
    """`alpha` is how much being unsure of an action speaks for it."""

    alpha: float
    name: str = "own LinUCB"

    def player(self, world: World, shape: Shape, seed: int) -> "RidgePlayer":
        return RidgePlayer(world, seed, self.alpha)


class RidgePlayer(VectorPlayer):
    def __init__(self, world: World, seed: int, alpha: float) -> None:
        super().__init__(world)
        size, count = len(self._encoded(world.visits[0])), len(world.actions)
        self._alpha = alpha
        self._chance = np.random.default_rng(seed)
        self._inverses = np.stack([np.eye(size)] * count)  # A⁻¹ of the paper
        self._sums = np.zeros((count, size))  # b
        self._weights = np.zeros((count, size))  # θ = A⁻¹ b

    def _choice(self, context: Vector) -> int:
        spread = np.sqrt((self._inverses @ context) @ context)
        bounds = self._weights @ context + self._alpha * spread
        return int(self._chance.choice(np.flatnonzero(bounds >= bounds.max() - 1e-12)))

    def _learned(self, heard: list[tuple[Vector, int, float]]) -> None:
        for context, action, reward in heard:
            moved = self._inverses[action] @ context
            self._inverses[action] -= np.outer(moved, moved) / (1 + context @ moved)
            self._sums[action] += reward * context
            self._weights[action] = self._inverses[action] @ self._sums[action]
