"""Earlier lines that are learned again beside each new one, so that a model learns more from less.

Which they are follows from the line's place in the log alone: the same log makes the same model,
however it was cut into lessons.
"""

import hashlib
from dataclasses import dataclass
from struct import unpack

_DRAW_BYTES = 4


@dataclass(frozen=True, slots=True)
class Replay:
    """Beside each line come `events` of the `reach` lines before it; or none, if those were ranked
    at more than `busiest` a second: such a loop has news enough."""

    events: int = 4
    reach: int = 100
    busiest: float = 50.0

    def draws(self, position: int, oldest: int) -> list[int]:
        """Places in the log, drawn evenly and with repetition from those that the line at this
        place reaches; `oldest` is the first place that there is."""
        first = max(oldest, position - self.reach)
        span = position - first
        if span <= 0 or not self.events:
            return []
        digest = hashlib.shake_128(position.to_bytes(8)).digest(_DRAW_BYTES * self.events)
        return [first + number % span for number in unpack(f"<{self.events}I", digest)]

    def is_busy(self, milliseconds: int) -> bool:
        """Of a loop that ranked `reach` lines in this time."""
        return self.reach * 1000 > self.busiest * milliseconds


DEFAULT_REPLAY = Replay()
NO_REPLAY = Replay(events=0)
