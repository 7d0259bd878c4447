"""Give every event whose wait is over its default reward, punctually.

The table's TTL would do the same, days later. Any number of sweepers may run at once.
"""

from collections.abc import Callable, Iterable

from personalizer.domain.event import CLOCK_SKEW_MS, Key
from personalizer.domain.timer import minutes_to_sweep
from personalizer.ports import Events

type Due = tuple[Key, str]
type AtOnce = Callable[[Callable[[Due], bool], Iterable[Due]], Iterable[bool]]


class Expire:
    """`at_once` does one thing to many events at a time, as a thread pool's `map` does."""

    def __init__(self, events: Events, clock: Callable[[], int], at_once: AtOnce):
        self._events = events
        self._clock = clock
        self._at_once = at_once

    def __call__(self) -> int:
        """How many events became final. What fails now is due again in a minute."""
        now = self._clock()
        due = self._events.due(now - CLOCK_SKEW_MS, minutes_to_sweep(now))
        return sum(self._at_once(lambda found: self._events.expire(*found, now), due))
