"""What is kept of a policy's events: the one place where an event is added up."""

import copy
import math
from collections.abc import Sequence
from functools import reduce
from operator import add
from typing import Self

import msgspec

from personalizer.domain.evaluation.anytime import Anytime
from personalizer.domain.evaluation.gain import Gain
from personalizer.domain.evaluation.logged import Logged
from personalizer.domain.evaluation.result import WINDOW_MS
from personalizer.domain.evaluation.sums import Sums
from personalizer.domain.health import Range


class Tally(msgspec.Struct):
    """`windows` are sums by the time of rank, as in PolicyResult. Parts of a log add up."""

    windows: dict[int, Sums] = {}
    gain: Gain = msgspec.field(default_factory=Gain)
    anytime: Anytime = msgspec.field(default_factory=Anytime)

    def add(
        self, logged: Logged, served: Sequence[float], expected: Sequence[float], rewards: Range
    ) -> float:
        """An event, for which the policy would have served these probabilities, and expected these
        rewards, by position. Gives the event's weight."""
        weight = logged.weight(served[logged.chosen])
        surprise = logged.reward - expected[logged.chosen]
        robust = math.sumprod(served, expected) + weight * surprise
        self._window(logged.at).add(weight, logged.reward, robust)
        share = rewards.share(logged.reward)
        self.gain.add(weight, logged.heaviest(served), share)
        self.anytime.add(weight, share)
        return weight

    @property
    def total(self) -> Sums:
        return reduce(add, self.windows.values(), Sums())

    def copy(self) -> Self:
        windows = {start: copy.copy(sums) for start, sums in self.windows.items()}
        return type(self)(windows, copy.copy(self.gain), copy.copy(self.anytime))

    def __add__(self, other: Self) -> Self:
        both = self.windows.keys() | other.windows.keys()
        windows = {
            start: self.windows.get(start, Sums()) + other.windows.get(start, Sums())
            for start in sorted(both)
        }
        return type(self)(windows, self.gain + other.gain, self.anytime + other.anytime)

    def _window(self, at: int) -> Sums:
        start = at - at % WINDOW_MS
        if (found := self.windows.get(start)) is None:
            found = self.windows[start] = Sums()
        return found
