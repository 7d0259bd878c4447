"""Finding where something that holds no longer does."""

from collections.abc import Callable

EXACT = 1e-12


def greatest(holds: Callable[[float], bool], low: float, high: float) -> float:
    """The greatest number between at which it holds, if it does up to there; `low`, if nowhere."""
    while high - low > EXACT:
        middle = (low + high) / 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low
