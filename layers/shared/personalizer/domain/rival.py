"""Is what is served better than another policy would have been? A bet on it, with every event.

An event tells what the rival would have earned, weighted by how much likelier its choice of the
very same action was. Whoever bets with every event on the served policy, at fair odds, multiplies
their capital by 1 + bet * (reward - centre) * (1 - weight), in which the weight is 1 on average.
While the served policy earned no more than the rival, on average so far, such capital reaches 20
with a chance of 1/20 at most, over all time and whatever was learned meanwhile. So the inverse of
what it has come to bounds the risk that luck alone brought it there. docs/health.md has the proof.
"""

import math
from dataclasses import dataclass
from typing import Self

BETS = tuple(2.0**-power for power in range(3, 9))
"""Each is a share of the capital, and has a capital of its own. They are fixed, so that the capital
is about the average of all events, and never about those on which more was bet."""

KEPT = 0.2
"""Of its capital, what a bet keeps whatever happens."""

HEAVIEST = 1e6
"""Weights above count as this, and only where that is against the served policy."""

DOUBT = 0.05
"""The risk of a wrong answer, over all time, at which one is given."""


@dataclass(frozen=True, slots=True)
class Trial:
    """How much likelier the rival's choice of the shown action was, and at most of any action.

    `share` is where the reward is between the least and the most, `expected` where rewards were on
    average before it.
    """

    weight: float
    heaviest: float
    share: float
    expected: float


def weight(rival: float, served: float) -> float:
    """Of a choice, from its two probabilities."""
    return min(rival / served, HEAVIEST) if served > 0 else HEAVIEST


@dataclass(frozen=True, slots=True)
class Rival:
    """Another policy, judged by the events of the one that was served.

    Sums of the weights, and of the rewards with their weights; the capitals' logarithms.
    """

    weights: float = 0.0
    rewards: float = 0.0
    capital: tuple[float, ...] = (0.0,) * len(BETS)

    def after(self, trial: Trial) -> Self:
        settled = zip(BETS, self.capital, strict=True)
        return type(self)(
            self.weights + trial.weight,
            self.rewards + trial.weight * trial.share,
            tuple(capital + math.log1p(bet * _gain(trial, bet)) for bet, capital in settled),
        )

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


def _gain(trial: Trial, bet: float) -> float:
    """On average the served policy's reward minus the rival's, whatever the centre.

    It is steadiest around what is expected. Most is lost by a reward above the centre with a great
    weight: the greater those that might come, the higher the centre, so that a bet can be paid.
    """
    centre = max(trial.expected, _affordable(trial.heaviest, bet))
    return (trial.share - centre) * (1 - trial.weight)


def _affordable(heaviest: float, bet: float) -> float:
    """The least centre at which no reward, whatever its weight, takes more than a bet may lose."""
    if heaviest <= 1:
        return 0.0
    return 1 - (1 - KEPT) / (bet * (heaviest - 1)) if heaviest < HEAVIEST else 1.0
