"""Tell the loop how good a decision was."""

import hashlib
from collections.abc import Callable
from decimal import Decimal

from personalizer.domain.event import Key, Reward
from personalizer.ports import Events


class RewardEvent:
    """`new_key` names a call that brought no idempotency key of its own."""

    def __init__(self, events: Events, clock: Callable[[], int], new_key: Callable[[], str]):
        self._events = events
        self._clock = clock
        self._new_key = new_key

    def __call__(self, key: Key, value: Decimal, idempotency_key: str | None = None) -> bool:
        """False if the reward changed nothing: too late, repeated, or after the first counted."""
        name = _short(idempotency_key) if idempotency_key else self._new_key()
        return self._events.reward(key, Reward(value, self._clock(), name))


def _short(idempotency_key: str) -> str:
    """Of bounded length: every key is kept with its event."""
    return hashlib.sha256(idempotency_key.encode()).hexdigest()[:32]
