"""Is a loop learning? What the decisions of its model tell, added up event by event."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Self

from personalizer.domain.rival import DOUBT, Rival, Trial, excess_of, weight_of

LATELY = 1_000
"""Events that count as late ones: each counts by 1/1,000 less with every one after it."""


@dataclass(frozen=True, slots=True)
class Range:
    """The least and the most that a loop learns of a reward; those beyond count as these."""

    low: float
    high: float

    @property
    def width(self) -> float:
        return self.high - self.low

    def share(self, reward: float) -> float:
        """Where a reward is in it, from 0 to 1."""
        return (min(max(reward, self.low), self.high) - self.low) / (self.width or 1.0)

    def at(self, share: float) -> float:
        return self.low + share * self.width


class Choice(NamedTuple):
    """What the model decided, among at least two actions, and what came of it.

    `probabilities` are in ranked order, the chosen action's first; `own` is the place among them
    of the application's own choice, the first of the candidates. `at`: when ranked (epoch ms).
    """

    probabilities: tuple[float, ...]
    own: int
    reward: float
    at: int

    @property
    def is_greedy(self) -> bool:
        return self.probabilities[0] >= max(self.probabilities)

    @property
    def entropy(self) -> float:
        """From 0, where one action is certain, to 1, where all are as likely."""
        served = self.probabilities
        possible = served if all(served) else [*filter(None, served)]
        bits = -math.sumprod(possible, map(math.log, possible))
        return bits / math.log(len(served))

    def against_random(self, share: float, expected: float) -> Trial:
        served, uniform = self.probabilities, 1 / len(self.probabilities)
        heaviest = weight_of(uniform, min(served))
        return Trial(weight_of(uniform, served[0]), excess_of(heaviest), share, expected)

    def against_baseline(self, share: float, expected: float) -> Trial:
        heaviest = weight_of(1.0, self.probabilities[self.own])
        return Trial(0.0 if self.own else heaviest, excess_of(heaviest), share, expected)


@dataclass(frozen=True, slots=True)
class Exploration:
    """How freely the model chose lately: sums over events, the later ones counting for more."""

    events: float = 0.0
    entropies: float = 0.0
    greedy: float = 0.0

    def after(self, choices: Iterable[Choice]) -> Self:
        keep = 1 - 1 / LATELY
        events, entropies, greedy = self.events, self.entropies, self.greedy
        for choice in choices:
            events = events * keep + 1
            entropies = entropies * keep + choice.entropy
            greedy = greedy * keep + choice.is_greedy
        return type(self)(events, entropies, greedy)

    @property
    def entropy(self) -> float:
        return self.entropies / self.events if self.events else 0.0

    @property
    def greedy_share(self) -> float:
        return self.greedy / self.events if self.events else 0.0


@dataclass(frozen=True, slots=True)
class Comparison:
    """Of what was served with another policy, per event.

    `confidence`: that what was served is better, from 0 to 1. `gain`: by how much it seems to be;
    `least_gain`: by how much it is but for DOUBT. `average_reward`: what the other policy would
    have earned; None while nothing tells. `importance_weight`: near 1 if probabilities are true.
    """

    confidence: float
    average_reward: float | None
    gain: float | None
    least_gain: float
    importance_weight: float


@dataclass(frozen=True, slots=True)
class Health:
    """Of a model, from its first event on. `shares` adds up rewards, each as a share of the range.

    `first_at` and `last_at`: when the first and the last of the events were ranked (epoch ms).
    """

    range: Range = Range(0.0, 1.0)
    events: int = 0
    shares: float = 0.0
    first_at: int = 0
    last_at: int = 0
    lately: Exploration = field(default_factory=Exploration)
    random: Rival = field(default_factory=Rival)
    baseline: Rival = field(default_factory=Rival)

    def after(self, choices: Sequence[Choice]) -> Self:
        """The order counts, and how the events came in batches does not."""
        shares, random, baseline = self.shares, list[Trial](), list[Trial]()
        for events, choice in enumerate(choices, self.events):
            share, expected = self.range.share(choice.reward), (shares + 0.5) / (events + 1)
            random.append(choice.against_random(share, expected))
            baseline.append(choice.against_baseline(share, expected))
            shares += share
        times = [at for at in (self.first_at, self.last_at) if at] + [c.at for c in choices]
        return type(self)(
            range=self.range,
            events=self.events + len(choices),
            shares=shares,
            first_at=min(times, default=0),
            last_at=max(times, default=0),
            lately=self.lately.after(choices),
            random=self.random.after(random),
            baseline=self.baseline.after(baseline),
        )

    @property
    def is_learning(self) -> bool:
        """Whether it is all but certain that the model does better than luck."""
        return self.random.confidence >= 1 - DOUBT

    @property
    def average_reward(self) -> float:
        return self.range.at(self.shares / self.events) if self.events else 0.0

    def against(self, rival: Rival) -> Comparison:
        width, served = self.range.width, self.average_reward
        earned = self.range.at(rival.reward) if rival.weights else None
        return Comparison(
            confidence=rival.confidence,
            average_reward=earned,
            gain=None if earned is None else served - earned,
            least_gain=width * rival.least_gain(self.events),
            importance_weight=rival.weights / self.events if self.events else 0.0,
        )
