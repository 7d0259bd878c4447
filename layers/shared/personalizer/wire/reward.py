"""Reward: one number between -1 and 1."""

from decimal import Decimal

import msgspec

from personalizer.domain.aggregation import PLACES
from personalizer.wire.decode import decode
from personalizer.wire.errors import refused

CODE = "InvalidRewardRequest"


class _Reward(msgspec.Struct):
    value: float


_decode = msgspec.json.Decoder(_Reward).decode


def value(body: bytes) -> Decimal:
    """Raises RequestError unless the body holds a number in [-1, 1]."""
    given = decode(_decode, body, CODE).value
    if not -1 <= given <= 1:
        raise refused(CODE, "RewardOutOfRange", "The reward should be between -1 and 1.")
    return Decimal(repr(round(given, PLACES)))
