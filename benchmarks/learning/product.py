"""The product as a contender: its use cases, on memory stores, with a workspace that goes on."""

from dataclasses import dataclass

from benchmarks.learning.asking import request
from benchmarks.learning.live import LiveEngine
from benchmarks.learning.service import Service
from benchmarks.learning.worlds import Visit, World
from cli.worlds import Shape
from personalizer.domain.decision import Ranking
from personalizer.domain.loop import DEFAULT_POLICY, Configuration

VISIT_MS = 10_000
"""Between visits: longer than a model waits to be served, so that `learn` alone decides."""


SETTINGS = Configuration()
VISITS_A_MINUTE = 60_000 // VISIT_MS


@dataclass(frozen=True, slots=True)
class Product:
    name: str
    configuration: Configuration = SETTINGS
    policy: str = DEFAULT_POLICY

    def player(self, world: World, shape: Shape, seed: int) -> "ProductPlayer":
        service = Service(self.configuration, seed, LiveEngine(), self.policy)
        return ProductPlayer(world, shape, service)


class ProductPlayer:
    def __init__(self, world: World, shape: Shape, service: Service):
        self._world = world
        self._shape = shape
        self._service = service

    def choose(self, number: int, visit: Visit) -> str:
        return self.ranked(number, visit).chosen.id

    def ranked(self, number: int, visit: Visit) -> Ranking:
        """Events are named by their number, so that all policies choose by the same draws."""
        self._service.wait(VISIT_MS)
        if number % VISITS_A_MINUTE == 0:
            self._service.expire()
        self._service.refresh()
        world = self._world
        actions = {action: world.features(visit, action) for action in world.actions}
        asked = request(world.context(visit, self._shape), actions, _name(number))
        return self._service.rank(asked)

    def reward(self, number: int, value: float) -> None:
        self._service.reward(_name(number), value)

    def learn(self) -> None:
        self._service.learn()

    def close(self) -> None:
        self._service.close()


def _name(number: int) -> str:
    return f"visit-{number}"
