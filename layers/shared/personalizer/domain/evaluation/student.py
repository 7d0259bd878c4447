"""Quantiles of Student's t, squared: those of F with 1 and n degrees of freedom."""

import math
from statistics import NormalDist

NORMAL = NormalDist()
LARGE = 30.0


def squared_quantile(alpha: float, freedom: float) -> float:
    """What t squared exceeds with a chance of alpha. By Newton's method from the left, where the
    tail is convex: no step goes too far."""
    point, before = -NORMAL.inv_cdf(alpha / 2), -1.0
    while point > before:
        before = point
        point += (_two_tails(point, freedom) - alpha) / (2 * _density(point, freedom))
    return before * before


def _density(point: float, freedom: float) -> float:
    log = _log_gamma_ratio(freedom / 2) - (freedom + 1) / 2 * math.log1p(point * point / freedom)
    return math.exp(log) / math.sqrt(math.pi * freedom)


def _two_tails(point: float, freedom: float) -> float:
    """The chance of a greater absolute value, an incomplete beta function: by the series of
    whichever side converges fast (Abramowitz and Stegun, 26.5.4)."""
    square, half = point * point, freedom / 2
    factor = 2 * point * _density(point, freedom)
    if square > freedom:
        return factor / freedom * _series(half, 0.5, freedom / (freedom + square))
    return 1 - factor * _series(0.5, half, square / (freedom + square))


def _series(a: float, b: float, x: float) -> float:
    total, term, k = 1.0, 1.0, 0
    while term > total * 1e-17:
        term *= x * (a + b + k) / (a + 1 + k)
        total += term
        k += 1
    return total


def _log_gamma_ratio(half: float) -> float:
    """log(gamma(half + 1/2) / gamma(half)). Of large numbers, the difference of two logarithms
    would lose digits that this series has."""
    if half < LARGE:
        return math.lgamma(half + 0.5) - math.lgamma(half)
    square, series = half * half, 0.0
    for term in (17 / 14336, 1 / 640, 1 / 192, 1 / 8):
        series = term - series / square
    return math.log(half) / 2 - series / half
