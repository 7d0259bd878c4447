"""From a model's opinion to the probabilities that are served and logged."""

import math
from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256

TOLERANCE = 1e-6
BLOCK = 64
"""Bytes that SHA-256 takes at a time."""


def uniform(count: int) -> list[float]:
    return [1 / count] * count


def normalise(weights: Sequence[float]) -> list[float]:
    """Probabilities in proportion to the weights; uniform where the weights make no sense.

    Some of VW's explorers return sums other than one, and a ruined model returns NaN.
    """
    if min(weights) < 0:
        return normalise(_without_negatives(weights))
    total = sum(weights)  # NaN and infinities make it one of them
    if not TOLERANCE <= total < math.inf:
        return uniform(len(weights))
    return [weight / total for weight in weights]


def _without_negatives(weights: Sequence[float]) -> list[float]:
    """A rounding error below zero is zero; anything less makes no sense at all."""
    return [max(weight, 0.0) if weight >= -TOLERANCE else math.nan for weight in weights]


def with_floor(probabilities: Sequence[float], floor: float) -> list[float]:
    """Mix in a share `floor` of uniform exploration, so that no logged probability is zero.

    Every decision can then be weighted by its inverse probability in offline evaluation.
    """
    share, rest = floor / len(probabilities), 1 - floor
    return [rest * probability + share for probability in probabilities]


def draw(secret: bytes, event_id: str) -> float:
    """A number in [0, 1) that is a pure function of its arguments: 53 bits of HMAC-SHA256.

    Reproducible, and no two copies of a restored process share a random state.
    """
    inner, outer = _pads(secret)
    digest = sha256(outer + sha256(inner + event_id.encode()).digest()).digest()
    return (int.from_bytes(digest[:8]) >> 11) / (1 << 53)


@lru_cache(maxsize=256)
def _pads(secret: bytes) -> tuple[bytes, bytes]:
    """The keys of HMAC's two hashes (RFC 2104): at hand, they spare three quarters of `hmac`."""
    key = (sha256(secret).digest() if len(secret) > BLOCK else secret).ljust(BLOCK, b"\0")
    return bytes(byte ^ 0x36 for byte in key), bytes(byte ^ 0x5C for byte in key)


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
