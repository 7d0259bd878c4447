"""Change a loop's settings. Its model stays, and nothing that was ranked before changes."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from personalizer.domain.loop import Configuration
from personalizer.errors import LostRace
from personalizer.ports import Loops

ATTEMPTS = 10

type Change = Callable[[Configuration], Configuration]


@dataclass(frozen=True, slots=True)
class Configured:
    """`starts_anew`: the model was made for other costs, and will be made again from the log."""

    configuration: Configuration
    starts_anew: bool


class Configure:
    def __init__(self, loops: Loops, clock: Callable[[], int]):
        self._loops = loops
        self._clock = clock

    def __call__(self, loop: str, change: Change) -> Configured:
        """Raises LoopNotFound, LostRace, and what the change raises: then nothing is changed."""
        for _ in range(ATTEMPTS):
            old = self._loops.state(loop, consistent=True).configuration
            new = self._edited(old, change(old))
            if new == old or self._loops.configure(loop, old, new):
                return Configured(new, new.cost_offset != old.cost_offset)
        raise LostRace(loop)

    def current(self, loop: str) -> Configuration:
        """Raises LoopNotFound."""
        return self._loops.state(loop, consistent=True).configuration

    def _edited(self, old: Configuration, new: Configuration) -> Configuration:
        return new if new == old else replace(new, edited_at=self._clock())
