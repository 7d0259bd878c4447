"""The network on a bad day: connections that are refused, and answers that are lost."""

import random
from dataclasses import dataclass, field
from threading import Lock

from tests.kill.traps import Gone, Moment


@dataclass
class Weather:
    """`refused` and `lost` are probabilities: of a call that never arrives, and of its answer."""

    refused: float = 0.0
    lost: float = 0.0
    seed: int = 1
    casualties: int = 0
    _lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self._rng = random.Random(self.seed)

    def pass_through(self, moment: Moment) -> None:
        """Raises Gone for what the weather takes."""
        chance = self.refused if moment is Moment.BEFORE else self.lost
        with self._lock:
            if self._rng.random() >= chance:
                return
            self.casualties += 1
        raise Gone
