"""Tell the loop that a deferred decision was shown after all."""

from collections.abc import Callable

from personalizer.domain.event import Key
from personalizer.ports import Events


class Activate:
    def __init__(self, events: Events, clock: Callable[[], int]):
        self._events = events
        self._clock = clock

    def __call__(self, key: Key) -> bool:
        """False if there was nothing to activate."""
        return self._events.activate(key, self._clock())
