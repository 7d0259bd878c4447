"""A decision of the log, as an evaluation sees it."""

import math
from collections.abc import Sequence
from operator import truediv
from typing import NamedTuple

from personalizer.domain.rival import weight_of


class Logged(NamedTuple):
    """`probabilities` are those it was sampled from, by the position of the candidate in the
    request; `chosen` is such a position. `at`: when it was ranked, epoch ms."""

    at: int
    chosen: int
    probabilities: tuple[float, ...]
    reward: float

    def weight(self, evaluated: float) -> float:
        """How much likelier a policy is to choose the same, if it does with this probability."""
        return weight_of(evaluated, self.probabilities[self.chosen])

    def heaviest(self, evaluated: Sequence[float]) -> float:
        """The greatest weight that any action would have had, if a policy chooses with these
        probabilities; infinity, if one had no chance to be shown."""
        try:
            heaviest: float = max(map(truediv, evaluated, self.probabilities))
        except ZeroDivisionError:
            return math.inf
        return heaviest
