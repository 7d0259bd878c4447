"""What the study compares: anything that chooses for visits and hears what came of it."""

from typing import Protocol

from benchmarks.learning.worlds import Visit, World
from cli.worlds import Shape


class Player(Protocol):
    """Plays one world once. Visits are numbered from 0."""

    def choose(self, number: int, visit: Visit) -> str: ...

    def reward(self, number: int, value: float) -> None:
        """Some time after the choice, or never: then it was worth the default."""

    def learn(self) -> None:
        """What was told since the last time counts from now on."""

    def close(self) -> None: ...


class Contender(Protocol):
    """A frozen dataclass: with the same fields, its players play the same."""

    @property
    def name(self) -> str: ...

    def player(self, world: World, shape: Shape, seed: int) -> Player: ...
