"""Give every event whose wait is over its default reward, punctually.

The table's TTL would do the same, days later. Any number of sweepers may run at once.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from personalizer.domain.event import CLOCK_SKEW_MS
from personalizer.domain.timer import minutes_to_sweep
from personalizer.ports import Events

THREADS = 16


class Expire:
    def __init__(self, events: Events, clock: Callable[[], int]):
        self._events = events
        self._clock = clock

    def __call__(self) -> int:
        """How many events became final. What fails now is due again in a minute."""
        now = self._clock()
        due = self._events.due(now - CLOCK_SKEW_MS, minutes_to_sweep(now))
        with ThreadPoolExecutor(THREADS) as threads:
            running = [threads.submit(self._events.expire, key, uid, now) for key, uid in due]
        return sum(done.result() for done in running)
