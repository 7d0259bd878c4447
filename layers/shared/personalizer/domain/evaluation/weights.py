"""What a policy would have made of every scored event, in their order: to compare two on the same.

Eight bytes an event, so that a hundred thousand take less than a megabyte.
"""

import sys
from array import array
from collections.abc import Iterator
from typing import Self


class Weights:
    """The importance weight of each event, and its reward: of one study on one log."""

    def __init__(self) -> None:
        self.weights = array("d")
        self.rewards = array("d")

    def add(self, weight: float, reward: float) -> None:
        self.weights.append(weight)
        self.rewards.append(reward)

    def __len__(self) -> int:
        return len(self.weights)

    def __iter__(self) -> Iterator[tuple[float, float]]:
        return zip(self.weights, self.rewards, strict=True)

    def pack(self) -> bytes:
        both = self.weights + self.rewards
        if sys.byteorder == "big":
            both.byteswap()
        return both.tobytes()

    @classmethod
    def unpack(cls, data: bytes) -> Self:
        both = array("d", data)
        if sys.byteorder == "big":
            both.byteswap()
        found, half = cls(), len(both) // 2
        found.weights, found.rewards = both[:half], both[half:]
        return found
