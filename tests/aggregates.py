"""What several rewards come to, by the tests' own arithmetic."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from statistics import median

from personalizer.domain.event import Aggregation

BILLION = 10**9


def aggregate(aggregation: Aggregation, values: Sequence[Decimal]) -> Decimal:
    """Of one value at least, in the order in which they came."""
    match aggregation:
        case Aggregation.EARLIEST:
            return values[0]
        case Aggregation.SUM:
            return sum(values, Decimal(0))
        case Aggregation.AVERAGE:
            return Decimal(round(sum(map(Fraction, values)) / len(values) * BILLION)) / BILLION
        case Aggregation.MEDIAN:
            return median(values)
        case Aggregation.MIN:
            return sorted(values)[0]
        case Aggregation.MAX:
            return sorted(values)[-1]
