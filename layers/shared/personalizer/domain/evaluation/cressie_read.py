"""What a policy earns, by empirical likelihood: the headline of every evaluation.

Karampatziakis, Langford, Mineiro (2020), *Empirical likelihood for contextual bandits*: of all ways
to weigh the events, those are likely that differ little from weighing them alike (here by the
Cressie-Read divergence of power -2, which has a closed form) and in which importance weights
average 1, as they must. One event is added that was not seen, its weight and reward from the ends
of what is possible: so an interval holds for few events and for heavy weights too.

Symbols are the paper's, and the numbers those of the package vw-estimators. `heaviest` is the
greatest weight that any event could have had, seen or not; infinity, if there is no telling.
"""

import math
from collections.abc import Iterator

from personalizer.domain.evaluation.student import squared_quantile
from personalizer.domain.evaluation.sums import Sums
from personalizer.domain.health import Range
from personalizer.domain.rival import DOUBT

LIGHTEST = 0.0
VAST = 1e100
"""A weight above might as well be infinite: its square hardly is a number."""
SAME = 1e-9
"""On average, the square of how far weights may be from 1 to be 1, but for rounding."""
ROUNDING = 1e-18
"""A product that is less is 0, for all that can be told."""


def estimate(sums: Sums, heaviest: float) -> float:
    """Events that are missing, should weights be too small, count with the average reward."""
    if not sums.events:
        return 0.0
    n, unseen = sums.events, _unseen(sums, heaviest)
    if math.isinf(unseen):
        gamma, beta = -(1 + n) / n, 0.0
    else:
        a, b = (unseen + sums.w) / (1 + n), (unseen * unseen + sums.ww) / (1 + n)
        gamma, beta = (b - a) / (a * a - b), (1 - a) / (a * a - b)
    seen = (-gamma * sums.wr - beta * sums.wwr) / (1 + n)
    missing = 1 - (-gamma * sums.w - beta * sums.ww) / (1 + n)
    return seen + max(0.0, missing) * sums.average_reward


def interval(sums: Sums, rewards: Range, heaviest: float, alpha: float = DOUBT) -> Range:
    """Within the range that rewards are in; that range itself, as long as nothing is known."""
    if sums.events < 2 or not math.isfinite(sums.ww + sums.wwrr):
        return rewards
    if _is_served(sums):
        return served_interval(sums, rewards, alpha)
    phi = _phi(sums, _unseen(sums, heaviest), alpha)
    ends = LIGHTEST, _heaviest(sums, heaviest)
    low = min(_bounds(sums, rewards.low, 1, phi, ends), default=rewards.low)
    high = -min(_bounds(sums, rewards.high, -1, phi, ends), default=-rewards.high)
    return Range(_within(rewards, low), _within(rewards, high))


def served_interval(sums: Sums, rewards: Range, alpha: float = DOUBT) -> Range:
    """The same for what was served: all its weights are 1, and could be nothing else. The event
    that was not seen, which only has a reward, makes it hold for rare rewards too."""
    if sums.events < 2:
        return rewards
    n, delta = sums.events, squared_quantile(alpha, sums.events)

    def bound(unseen: float, sign: int) -> float:
        r, rr = (unseen + sums.r) / (1 + n), (unseen * unseen + sums.rr) / (1 + n)
        return r - sign * math.sqrt(delta * max(rr - r * r, 0.0) / (1 + n))

    low, high = bound(rewards.low, 1), bound(rewards.high, -1)
    return Range(_within(rewards, low), _within(rewards, high))


def _is_served(sums: Sums) -> bool:
    """Whether the policy would have served just what was served."""
    return sums.ww - 2 * sums.w + sums.events <= SAME * sums.events


def _within(rewards: Range, reward: float) -> float:
    return min(max(reward, rewards.low), rewards.high)


def _unseen(sums: Sums, heaviest: float) -> float:
    """The weight that brings the average nearer to 1."""
    return _heaviest(sums, heaviest) if sums.w < sums.events else LIGHTEST


def _heaviest(sums: Sums, heaviest: float) -> float:
    most = max(heaviest, sums.heaviest)
    return most if most < VAST else math.inf


def _phi(sums: Sums, unseen: float, alpha: float) -> float:
    n = sums.events
    if math.isinf(unseen):
        likeliest = 1 + 1 / n
    else:
        a, b = (unseen + sums.w) / (1 + n), (unseen * unseen + sums.ww) / (1 + n)
        likeliest = (1 + n) * (a - 1) ** 2 / (b - a * a)
    return -(likeliest + squared_quantile(alpha, n)) / (2 * (1 + n))


def _bounds(
    sums: Sums, r: float, sign: int, phi: float, ends: tuple[float, float]
) -> Iterator[float]:
    """The least that the policy may earn, times the sign, for each weight of the unseen event that
    lets weights average 1."""
    for unseen in ends:
        found = _unbounded(sums, r, sign) if math.isinf(unseen) else _bounded(sums, r, sign, unseen)
        if found is None:
            continue
        x, y, z = found
        if z + phi <= 0:
            yield x - math.sqrt(2 * max(y * (z + phi), ROUNDING))


Parts = tuple[float, float, float]
"""x, y and z: the bound is x - sqrt(2 y z), once phi is added to z."""


def _bounded(sums: Sums, r: float, sign: int, unseen: float) -> Parts | None:
    n, weighted = sums.events, unseen * r
    w, ww = (unseen + sums.w) / (1 + n), (unseen * unseen + sums.ww) / (1 + n)
    wr, wwr = sign * (weighted + sums.wr) / (1 + n), sign * (unseen * weighted + sums.wwr) / (1 + n)
    wwrr = (weighted * weighted + sums.wwrr) / (1 + n)
    variance, covariance = ww - w * w, wwr - w * wr
    if variance <= 0:
        return None
    x = wr + (1 - w) * covariance / variance
    y = covariance * covariance / variance - (wwrr - wr * wr)
    return x, y, (1 - w) ** 2 / (2 * variance)


def _unbounded(sums: Sums, r: float, sign: int) -> Parts:
    """The limit of it."""
    n, excess = sums.events, sums.wr - sums.w * r
    x = sign * (r + excess / n)
    y = excess * excess / n - (r * r * sums.ww - 2 * r * sums.wwr + sums.wwrr)
    return x, y / (1 + n), 1 / (2 * n)
