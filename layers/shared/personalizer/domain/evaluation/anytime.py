"""What a policy earns, from where to where at any time: one may look after every event, and stop.

A bet on how far the weighted rewards go beyond what was expected of them, mixed of bets of all
sizes (Howard, Ramdas, McAuliffe, Sekhon 2021, gamma-exponential with rho = 1). It is the interval
of `estimators.bandits.cs` in vw-estimators, two or three times as wide as one for the end alone.
"""

import math
from typing import Self

import msgspec

from personalizer.domain.evaluation.bisection import greatest
from personalizer.domain.health import Range
from personalizer.domain.rival import DOUBT

NEGLIGIBLE = 1e-17


class Anytime(msgspec.Struct, array_like=True):
    """Sums over events of w s, for s where the reward is in its range from 0 to 1, and of w (1 - s)
    for the other side; and the squares of by how much each differs from the average before it.

    Parts of a log add up. Each part has its own averages, which moves the bounds a little.
    """

    events: int = 0
    gained: float = 0.0
    gained_squares: float = 0.0
    missed: float = 0.0
    missed_squares: float = 0.0

    def add(self, weight: float, share: float) -> None:
        gained, missed, count = weight * share, weight * (1 - share), self.events + 1
        self.gained_squares += (gained - (self.gained + 0.5) / count) ** 2
        self.missed_squares += (missed - (self.missed + 0.5) / count) ** 2
        self.gained += gained
        self.missed += missed
        self.events = count

    def __add__(self, other: Self) -> Self:
        return type(self)(
            self.events + other.events,
            self.gained + other.gained,
            self.gained_squares + other.gained_squares,
            self.missed + other.missed,
            self.missed_squares + other.missed_squares,
        )

    def interval(self, rewards: Range, alpha: float = DOUBT) -> Range:
        """Within the range that rewards are in."""
        low = _least(self.gained, self.gained_squares, self.events, alpha / 2)
        high = 1 - _least(self.missed, self.missed_squares, self.events, alpha / 2)
        return Range(rewards.at(low), rewards.at(high))


def _least(total: float, squares: float, events: int, alpha: float) -> float:
    if not events:
        return 0.0

    def is_unbelievable(assumed: float) -> bool:
        return _is_wealth(total - events * assumed, squares, 1 / alpha)

    return greatest(is_unbelievable, 0.0, min(1.0, total / events))


def _is_wealth(beyond: float, squares: float, enough: float) -> bool:
    """Whether the bets have made enough. What they made is an incomplete gamma function, whose
    series is of positive terms that first rise and then fall."""
    a, x = squares + 1, beyond + squares + 1
    made = term = 1 / a / (math.e - 1)
    while made < enough and (term > made * NEGLIGIBLE or a < x):
        a += 1
        term *= x / a
        made += term
    return made >= enough
