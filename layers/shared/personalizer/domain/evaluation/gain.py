"""By how much is a policy better than the one that was served? Bets on both sides, on every event.

It is the bet of domain/rival.py turned round: whoever bets on the evaluated policy multiplies their
capital by 1 + bet * (weight - 1) * (share - centre). The centre is near the average reward, and
lower where heavy weights may come: then no event takes more than most of a capital. If the policy
earns no more than the served one, on average over the log, such a capital is 20 with a chance of
1/20 at most, whatever the number of events, the weights, and what was learned meanwhile.
"""

import math
from collections.abc import Sequence
from math import log1p
from typing import Self

import msgspec

from personalizer.domain.evaluation.bisection import greatest
from personalizer.domain.rival import DOUBT, HEAVIEST, KEPT, excess_of

BETS = tuple(2.0**-power for power in (3, 5, 7, 9, 11))
"""Shares of the capital; the small ones are for long logs. Closer ones find out no more."""

STAKES = tuple((bet, (1 - KEPT) / bet) for bet in BETS)
"""Each with the most that it can pay for."""

LEVEL = (0.0,) * len(BETS)


class Gain(msgspec.Struct, array_like=True):
    """The logarithms of the capitals: of the bets `above`, that the policy is better than what was
    served, and of those `below`, that it is worse. Rewards are shares of their range.

    Parts of a log add up. Each part has its own average reward, which moves the bounds a little.
    """

    events: int = 0
    shares: float = 0.0
    above: tuple[float, ...] = LEVEL
    below: tuple[float, ...] = LEVEL

    def add(self, weight: float, heaviest: float, share: float) -> None:
        """`weight`: pi(a) / p(a) of the action shown; `heaviest`: the greatest that could have
        come, of any action. `share`: where the reward is in its range, from 0 to 1."""
        lead, excess = min(weight, HEAVIEST) - 1, excess_of(heaviest)
        expected = (self.shares + 0.5) / (self.events + 1)
        self.above = _after(self.above, lead, excess, share, expected)
        self.below = _after(self.below, lead, excess, 1 - share, 1 - expected)
        self.events += 1
        self.shares += share

    def __add__(self, other: Self) -> Self:
        return type(self)(
            self.events + other.events,
            self.shares + other.shares,
            tuple(map(float.__add__, self.above, other.above)),
            tuple(map(float.__add__, self.below, other.below)),
        )

    def lower(self, alpha: float = DOUBT) -> float:
        """The policy's average reward is above the served one's by this much at least, as a share
        of the range; it is less with a chance of `alpha` at most."""
        return _least(self.above, self.events, alpha)

    def bounds(self, alpha: float = DOUBT) -> tuple[float, float]:
        """Both sides at once."""
        upper = -_least(self.below, self.events, alpha / 2)
        return _least(self.above, self.events, alpha / 2), upper

    def is_proven(self, compared: int = 1) -> bool:
        """Whether to apply the policy, the best of so many that were compared."""
        return self.lower(DOUBT / compared) > 0


def _after(
    capitals: Sequence[float], lead: float, excess: float, share: float, expected: float
) -> tuple[float, ...]:
    """The centre is what is `expected`, as long as `most` pays for the heaviest weight there."""
    payable = excess * expected
    return tuple(
        [
            made + log1p(bet * lead * (share - (expected if most >= payable else most / excess)))
            for (bet, most), made in zip(STAKES, capitals, strict=True)
        ]
    )


def _least(capitals: Sequence[float], events: int, alpha: float) -> float:
    """Were the true gain `assumed`, then what the bets made beyond it would still be luck: the
    least gain is the greatest at which it was too much luck to believe."""

    def is_unbelievable(assumed: float) -> bool:
        logs = [
            made - events * math.log1p(bet * assumed)
            for bet, made in zip(BETS, capitals, strict=True)
        ]
        most = max(logs)
        average = math.fsum(math.exp(log - most) for log in logs) / len(logs)
        return most + math.log(average) >= -math.log(alpha)

    return greatest(is_unbelievable, -1.0, 1.0)
