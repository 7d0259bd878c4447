"""Sums over fine windows of time, put together to coarser ones: by their starts, in epoch ms."""

from collections.abc import Mapping
from itertools import accumulate
from operator import add

from personalizer.domain.evaluation.result import WINDOW_MS
from personalizer.domain.evaluation.sums import Sums


def within(windows: Mapping[int, Sums], start: int, end: int) -> dict[int, Sums]:
    """Those that start in a range; of its first window, all."""
    first = begin(start, WINDOW_MS)
    return {at: sums for at, sums in windows.items() if first <= at < end}


def rolling(windows: Mapping[int, Sums], size: int) -> dict[int, Sums]:
    """Each window of this size for itself, in order; those without events are left out."""
    found: dict[int, Sums] = {}
    for at, sums in sorted(windows.items()):
        start = begin(at, size)
        found[start] = found[start] + sums if start in found else sums
    return found


def expanding(windows: Mapping[int, Sums], size: int) -> dict[int, Sums]:
    """From the first event up to the end of each window of this size that has any."""
    each = rolling(windows, size)
    totals = accumulate(each.values(), add)
    return dict(zip(each, totals, strict=True))


def begin(at: int, size: int) -> int:
    """Of the window that a moment is in."""
    return at - at % size
