"""Five logs of which the truth is known, on real data: who logs, and who is evaluated.

The visitors of a data set are the population; of each it is known what every action would earn.
Both policies are fixed, so what the evaluated one earns is an average over the population, and
logs of any size are drawn from it, with replacement.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cli.worlds import WORLDS
from personalizer.domain.health import Range

type Table = NDArray[np.float64]
"""One row a visitor, one column an action."""

CLICKS = Range(0.0, 1.0)
SEED = 7


class Drawn(NamedTuple):
    """Logs, a row each. `heaviest`: the greatest weight that could have come."""

    weights: Table
    heaviest: Table
    rewards: Table


@dataclass(frozen=True, slots=True)
class Scenario:
    """`earned` holds the chance of a click where `clicks`, else the reward itself."""

    rewards: Range
    served: Table
    evaluated: Table
    earned: Table
    clicks: bool = False

    @property
    def truth(self) -> float:
        return float((self.evaluated * self.earned).sum(axis=1).mean())

    @property
    def heaviest(self) -> float:
        return float(1 / self.served.min())

    @property
    def gain(self) -> float:
        return self.truth - float((self.served * self.earned).sum(axis=1).mean())

    def without_a_difference(self) -> "Scenario":
        """What is earned is the same whatever is shown, so that there is no gain."""
        share = (self.earned.mean() - self.rewards.low) / self.rewards.width
        average = np.full_like(self.earned, share)
        return replace(self, rewards=CLICKS, earned=average, clicks=True)

    def draw(self, logs: int, events: int, seed: int) -> "Drawn":
        chance, shape = np.random.default_rng(seed), (logs, events)
        visitors = chance.integers(len(self.served), size=shape)
        ends = self.served.cumsum(axis=1)[:, :-1]
        points, shown = chance.random(shape), np.zeros(shape, np.intp)
        for end in ends.T:
            shown += points >= end[visitors]
        earned = self.earned[visitors, shown]
        rewards = (chance.random(shape) < earned).astype(float) if self.clicks else earned
        weights = self.evaluated / self.served
        return Drawn(weights[visitors, shown], weights.max(axis=1)[visitors], rewards)


@dataclass(frozen=True, slots=True)
class Population:
    features: Table
    labels: NDArray[np.intp]

    @property
    def right(self) -> Table:
        return _one_hot(self.labels, int(self.labels.max()) + 1)

    def scores(self, taught: int) -> Table:
        """Of a ridge regression on the first visitors."""
        known, right = self.features[:taught], self.right[:taught]
        gram = known.T @ known + 0.1 * np.eye(known.shape[1])
        scores: Table = self.features @ np.linalg.solve(gram, known.T @ right)
        return scores

    def best(self, taught: int) -> Table:
        scores = self.scores(taught)
        return _one_hot(scores.argmax(axis=1), scores.shape[1])


def _one_hot(actions: NDArray[np.intp], count: int) -> Table:
    rows: Table = np.eye(count)[actions]
    return rows


@cache
def population(name: str) -> Population:
    world = WORLDS[name](SEED)
    rows = np.array([[*visit.features.values(), 1.0] for visit in world.rounds])
    return Population(rows, np.array([world.actions.index(v.best) for v in world.rounds]))


def floored(policy: Table, floor: float) -> Table:
    mixed: Table = (1 - floor) * policy + floor / policy.shape[1]
    return mixed


def better_model(floor: float = 0.2) -> Scenario:
    """A model taught little serves, exploring one time in five; one taught more is evaluated."""
    digits = population("digits")
    return Scenario(CLICKS, floored(digits.best(60), floor), digits.best(600), digits.right)


def rare_clicks() -> Scenario:
    """The same, where even what is right is clicked one time in twenty."""
    model = better_model()
    chances = 0.005 + 0.045 * model.earned
    return Scenario(CLICKS, model.served, model.evaluated, chances, clicks=True)


def uniform() -> Scenario:
    """Luck serves."""
    segments = population("segments")
    luck = floored(segments.right, 1.0)
    return Scenario(CLICKS, luck, segments.best(600), segments.right)


def baseline() -> Scenario:
    """What is wrong costs something, and more if it is far from right; always the first action is
    evaluated."""
    segments = population("segments")
    centres = np.array(
        [
            segments.features[segments.labels == k].mean(axis=0)
            for k in range(segments.labels.max() + 1)
        ]
    )
    far = np.linalg.norm(centres[:, None] - centres, axis=2)
    served, first = floored(segments.best(60), 0.2), np.zeros_like(segments.right)
    first[:, 0] = 1
    earned = 1 - 2 * far[segments.labels] / far.max()
    return Scenario(Range(-1.0, 1.0), served, first, earned)


def cautious() -> Scenario:
    """What is evaluated is a policy that explores, by its scores."""
    digits = population("digits")
    likely = np.exp(8 * digits.scores(600))
    softmax = floored(likely / likely.sum(axis=1, keepdims=True), 0.05)
    return Scenario(CLICKS, floored(digits.best(60), 0.2), softmax, digits.right)


SCENARIOS: Mapping[str, Callable[[], Scenario]] = {
    "S1": better_model,
    "S2": rare_clicks,
    "S3": uniform,
    "S4": baseline,
    "S5": cautious,
}
