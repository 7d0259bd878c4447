"""Intervals that trust the law of large numbers. With heavy weights it takes many events."""

from statistics import NormalDist

from personalizer.domain.evaluation.sums import Sums, standard_error
from personalizer.domain.health import Range
from personalizer.domain.rival import DOUBT

NORMAL = NormalDist()
AZURE = 1.96


def azure_half_width(sums: Sums) -> float:
    """Azure's `confidenceInterval`, to the digit: 95 % of the inverse propensity score."""
    return AZURE * standard_error(sums.wr, sums.wwrr, sums.events)


def ips_interval(sums: Sums, alpha: float = DOUBT) -> Range:
    return _around(sums.ips, standard_error(sums.wr, sums.wwrr, sums.events), alpha)


def doubly_robust_interval(sums: Sums, alpha: float = DOUBT) -> Range:
    error = standard_error(sums.robust, sums.robust_squares, sums.events)
    return _around(sums.doubly_robust, error, alpha)


def gain_interval(sums: Sums, alpha: float = DOUBT) -> Range:
    """By how much the policy's reward is above the served one's: each event tells (w - 1) (r - c),
    which has that mean for any c, and is steadiest for this one."""
    lead, leads = sums.w - sums.events, sums.ww - 2 * sums.w + sums.events
    leads_r = sums.wwr - 2 * sums.wr + sums.r
    centre = leads_r / leads if leads > 0 else 0.0
    total = sums.wr - sums.r - centre * lead
    squares = sums.wwrr - 2 * sums.wrr + sums.rr - centre * (2 * leads_r - centre * leads)
    mean = total / sums.events if sums.events else 0.0
    return _around(mean, standard_error(total, squares, sums.events), alpha)


def _around(mean: float, error: float, alpha: float) -> Range:
    spread = -NORMAL.inv_cdf(alpha / 2) * error
    return Range(mean - spread, mean + spread)
