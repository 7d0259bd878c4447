"""What several rewards come to, where that takes all of them.

Exact and whatever their order, so that the same rewards are always the same lesson.
"""

from collections.abc import Sequence
from decimal import Decimal

PLACES = 9
"""Of a reward: more than any client's 32-bit number holds, and safely within what stores can keep.
An average is rounded to as many, since a third has no exact decimal."""


def average(values: Sequence[Decimal]) -> Decimal:
    return round(sum(values, Decimal(0)) / len(values), PLACES)


def median(values: Sequence[Decimal]) -> Decimal:
    """The middle one; of an even count, the mean of the middle two."""
    ordered, count = sorted(values), len(values)
    return (ordered[(count - 1) // 2] + ordered[count // 2]) / 2
