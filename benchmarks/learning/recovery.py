"""How soon a loop earns again what it earned before what was right had changed."""

from collections.abc import Sequence
from itertools import accumulate
from statistics import mean
from typing import NamedTuple

WINDOW = 100
"""Visits that a level is an average of."""
ENOUGH = 0.8


class Recovery(NamedTuple):
    """`level` was earned just before the change. `reached` counts the visits until four fifths of
    it were earned for the first time, `recovered` those after the change until they were again. A
    loop that never does is given all the visits that there were."""

    level: float
    reached: int
    recovered: int


def recovery(earned: Sequence[float]) -> Recovery:
    half = len(earned) // 2
    before, after = earned[:half], earned[half:]
    level = mean(before[-WINDOW:])
    return Recovery(level, _visits_to(before, level), _visits_to(after, level))


def _visits_to(earned: Sequence[float], level: float) -> int:
    totals = [0.0, *accumulate(earned)]
    window = min(WINDOW, len(earned))
    for end in range(window, len(earned) + 1):
        if totals[end] - totals[end - window] >= ENOUGH * level * window:
            return end
    return len(earned)
