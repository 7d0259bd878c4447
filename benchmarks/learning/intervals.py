"""How sure a mean over seeds is."""

from collections.abc import Sequence
from statistics import mean, stdev

from scipy.stats import t as student


def interval(values: Sequence[float]) -> tuple[float, float]:
    """The mean, and half the width of its 95 % t-interval; of one value nobody knows that."""
    if len(values) < 2:
        return mean(values), float("nan")
    spread = student.ppf(0.975, len(values) - 1) * stdev(values) / len(values) ** 0.5
    return mean(values), float(spread)
