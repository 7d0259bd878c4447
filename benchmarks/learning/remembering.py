"""What every player of vectors does: remember what it saw and chose until it hears of it."""

from abc import ABC, abstractmethod

from benchmarks.learning.vectors import Encoder, Vector
from benchmarks.learning.worlds import Visit, World


class VectorPlayer(ABC):
    """Learns each batch as a whole; what it never hears of, it never learns."""

    def __init__(self, world: World) -> None:
        self._actions = world.actions
        self._encoded = Encoder(world)
        self._chosen: dict[int, tuple[Vector, int]] = {}
        self._heard: list[tuple[Vector, int, float]] = []

    def choose(self, number: int, visit: Visit) -> str:
        context = self._encoded(visit)
        action = self._choice(context)
        self._chosen[number] = context, action
        return self._actions[action]

    def reward(self, number: int, value: float) -> None:
        self._heard.append((*self._chosen.pop(number), value))

    def learn(self) -> None:
        if self._heard:
            self._learned(self._heard)
            self._heard = []

    def close(self) -> None:
        self._chosen.clear()

    @abstractmethod
    def _choice(self, context: Vector) -> int: ...

    @abstractmethod
    def _learned(self, heard: list[tuple[Vector, int, float]]) -> None: ...
