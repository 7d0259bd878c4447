"""From a model's opinion to the probabilities that are served and logged."""

import hmac
import math
from collections.abc import Sequence

TOLERANCE = 1e-6


def uniform(count: int) -> list[float]:
    return [1 / count] * count


def normalise(weights: Sequence[float]) -> list[float]:
    """Probabilities in proportion to the weights; uniform where the weights make no sense.

    Some of VW's explorers return sums other than one, and a ruined model returns NaN.
    """
    if not all(math.isfinite(weight) and weight >= -TOLERANCE for weight in weights):
        return uniform(len(weights))
    positive = [max(weight, 0.0) for weight in weights]
    total = math.fsum(positive)
    if total < TOLERANCE:
        return uniform(len(weights))
    return [weight / total for weight in positive]


def with_floor(probabilities: Sequence[float], floor: float) -> list[float]:
    """Mix in a share `floor` of uniform exploration, so that no logged probability is zero.

    Every decision can then be weighted by its inverse probability in offline evaluation.
    """
    share = floor / len(probabilities)
    return [(1 - floor) * probability + share for probability in probabilities]


def draw(secret: bytes, event_id: str) -> float:
    """A number in [0, 1) that is a pure function of its arguments: 53 bits of HMAC-SHA256.

    Reproducible, and no two copies of a restored process share a random state.
    """
    digest = hmac.digest(secret, event_id.encode(), "sha256")
    return (int.from_bytes(digest[:8]) >> 11) / (1 << 53)


def choose(probabilities: Sequence[float], point: float) -> int:
    """The index whose share of [0, 1) holds the point; never one without a share.

    Sums of rounded numbers may end just below one: what is left belongs to the last share.
    """
    cumulative, last = 0.0, 0
    for index, probability in enumerate(probabilities):
        cumulative += probability
        if point < cumulative:
            return index
        last = index if probability > 0 else last
    return last
