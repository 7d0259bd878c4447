"""What an evaluation keeps of events: sums, so that windows of time and parts of a log add up."""

import math
from typing import Self

import msgspec


class Sums(msgspec.Struct, array_like=True):
    """Over events with importance weight w = pi(a|x) / p(a|x) and reward r.

    `robust` and `robust_squares` are those of the doubly robust score of each event:
    sum over a of pi(a|x) q(x, a), plus w (r - q(x, chosen)), for rewards q predicted before it.
    Averages are 0 where there is nothing to average.
    """

    events: int = 0
    w: float = 0.0
    ww: float = 0.0
    wr: float = 0.0
    wwr: float = 0.0
    wrr: float = 0.0
    wwrr: float = 0.0
    r: float = 0.0
    rr: float = 0.0
    matched: int = 0
    """Events with w > 0."""
    heaviest: float = 0.0
    least_reward: float = math.inf
    most_reward: float = -math.inf
    robust: float = 0.0
    robust_squares: float = 0.0

    def add(self, weight: float, reward: float, robust: float) -> None:
        weighted = weight * reward
        self.events += 1
        self.w += weight
        self.ww += weight * weight
        self.wr += weighted
        self.wwr += weight * weighted
        self.wrr += weighted * reward
        self.wwrr += weighted * weighted
        self.r += reward
        self.rr += reward * reward
        self.matched += weight > 0
        self.heaviest = max(self.heaviest, weight)
        self.least_reward = min(self.least_reward, reward)
        self.most_reward = max(self.most_reward, reward)
        self.robust += robust
        self.robust_squares += robust * robust

    def __add__(self, other: Self) -> Self:
        return type(self)(
            self.events + other.events,
            self.w + other.w,
            self.ww + other.ww,
            self.wr + other.wr,
            self.wwr + other.wwr,
            self.wrr + other.wrr,
            self.wwrr + other.wwrr,
            self.r + other.r,
            self.rr + other.rr,
            self.matched + other.matched,
            max(self.heaviest, other.heaviest),
            min(self.least_reward, other.least_reward),
            max(self.most_reward, other.most_reward),
            self.robust + other.robust,
            self.robust_squares + other.robust_squares,
        )

    @property
    def average_reward(self) -> float:
        """Of the logged rewards: what was served earned."""
        return self.r / self.events if self.events else 0.0

    @property
    def ips(self) -> float:
        """Inverse propensity score (Horvitz, Thompson 1952): unbiased."""
        return self.wr / self.events if self.events else 0.0

    @property
    def snips(self) -> float:
        """Self-normalised (Swaminathan, Joachims 2015)."""
        return self.wr / self.w if self.w else 0.0

    @property
    def doubly_robust(self) -> float:
        """Dudik, Langford, Li (2011)."""
        return self.robust / self.events if self.events else 0.0

    @property
    def mean_weight(self) -> float:
        """1 on average, if the logged probabilities are the true ones."""
        return self.w / self.events if self.events else 0.0

    @property
    def mean_weight_error(self) -> float:
        """The standard error of it."""
        return standard_error(self.w, self.ww, self.events)

    @property
    def effective_events(self) -> float:
        """So many events without weights would tell as much (Kish 1965)."""
        return self.w * self.w / self.ww if self.ww else 0.0


def standard_error(total: float, squares: float, events: int) -> float:
    """Of a mean, from the sums of what it is the mean of; 0 where nothing is known of it."""
    if events < 2:
        return 0.0
    return math.sqrt(max(squares - total * total / events, 0.0) / (events - 1) / events)
