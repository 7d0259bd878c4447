"""Is what is served better than another policy would have been? A bet on it, with every event.

An event tells what the rival would have earned, weighted by how much likelier its choice of the
very same action was. Whoever bets with every event on the served policy, at fair odds, multiplies
their capital by 1 + bet * (reward - centre) * (1 - weight), in which the weight is 1 on average.
While the served policy earned no more than the rival, on average so far, such capital reaches 20
with a chance of 1/20 at most, over all time and whatever was learned meanwhile. So the inverse of
what it has come to bounds the risk that luck alone brought it there. docs/health.md has the proof.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self

BETS = tuple(2.0**-power for power in range(3, 9))
"""Each is a share of the capital, and has a capital of its own. They are fixed, so that the capital
is about the average of all events, and never about those on which more was bet."""

KEPT = 0.2
"""Of its capital, what a bet keeps whatever happens."""

HEAVIEST, LIGHTEST = 1e6, 1e-9
"""A weight above counts as this, and only where that is against the served policy."""

DOUBT = 0.05
"""The risk of a wrong answer, over all time, at which one is given."""


class Trial(NamedTuple):
    """An event, as it speaks of a rival.

    `weight`: how much likelier the rival's choice of the shown action was; on average that is 1.
    `excess`: by how much the greatest weight that could have come is above. `share`: where the
    reward is between the least and the most; `expected`: where rewards were on average before it.
    """

    weight: float
    excess: float
    share: float
    expected: float


def weight_of(rival: float, served: float) -> float:
    """Of a choice, from its two probabilities."""
    return min(rival / served, HEAVIEST) if served > 0 else HEAVIEST


def excess_of(heaviest: float) -> float:
    return max(heaviest - 1, LIGHTEST) if heaviest < HEAVIEST else math.inf


@dataclass(frozen=True, slots=True)
class Rival:
    """Another policy, judged by the events of the one that was served.

    Sums of the weights, and of the rewards with their weights; the capitals' logarithms.
    """

    weights: float = 0.0
    rewards: float = 0.0
    capital: tuple[float, ...] = (0.0,) * len(BETS)

    def after(self, trials: Sequence[Trial]) -> Self:
        weights, rewards = self.weights, self.rewards
        for trial in trials:
            weights += trial.weight
            rewards += trial.weight * trial.share
        settled = zip(BETS, self.capital, strict=True)
        return type(self)(weights, rewards, tuple(_settled(*bet, trials) for bet in settled))

    @property
    def reward(self) -> float:
        """What the rival would have earned on average, as a share like the trials'."""
        return self.rewards / self.weights if self.weights else 0.0

    @property
    def confidence(self) -> float:
        """That the served policy is better, from 0 to 1."""
        most = max(self.capital)
        capital = sum(math.exp(each - most) for each in self.capital) / len(self.capital)
        return 1 - math.exp(min(0.0, -most - math.log(capital)))

    def least_gain(self, events: int) -> float:
        """By how much it is better on average, at the least, with all but DOUBT's certainty."""
        if not events:
            return -1.0
        stake = math.log(len(BETS) / DOUBT)
        settled = zip(BETS, self.capital, strict=True)
        least = max(math.expm1((made - stake) / events) / bet for bet, made in settled)
        return min(max(least, -1.0), 1.0)


def _settled(bet: float, capital: float, trials: Sequence[Trial]) -> float:
    """What a capital has become. On average a gain is the served policy's reward minus the rival's,
    whatever its centre is.

    It is steadiest around what is expected. Most is lost by a reward above the centre with a great
    weight: the greater those that might come, the higher the centre, so that a bet can be paid.
    """
    most = (1 - KEPT) / bet
    for weight, excess, share, expected in trials:
        gain = (share - max(expected, 1 - most / excess)) * (1 - weight)
        capital += math.log1p(bet * gain)
    return capital
