"""What one row of the matrix plays with: a loop of its own, and everybody who works for it."""

import time
import uuid
from collections.abc import Callable
from decimal import Decimal

from personalizer.domain.event import CLOCK_SKEW_MS, Aggregation
from personalizer.domain.hub import Record
from personalizer.domain.loop import Configuration
from personalizer.usecases import provision
from tests.kill import records
from tests.kill.chain import Chain
from tests.kill.client import Client
from tests.kill.cluster import Cluster
from tests.kill.mappings import Mapping
from tests.kill.process import Died, Failed
from tests.kill.traps import Trap
from tests.kill.weather import Weather

DEFAULT_REWARD = Decimal("0.25")
LONG_MS = 600_000
RESTLESS = 100


class Scene:
    """Its loop publishes every model at once, so that ranks meet new models as soon as they can."""

    def __init__(
        self,
        cluster: Cluster,
        *,
        wait_ms: int = LONG_MS,
        aggregation: Aggregation = Aggregation.EARLIEST,
    ):
        self.cluster = cluster
        self.settings = Configuration(
            reward_wait_ms=wait_ms,
            aggregation=aggregation,
            default_reward=DEFAULT_REWARD,
            model_export_ms=0,
        )
        self.loop = f"row-{uuid.uuid4().hex[:8]}"
        provision.create_loop(cluster.loops, cluster.objects, self.loop, self.settings)
        self.client = Client(self.loop, self.settings, cluster.functions)
        self.relay = Mapping(cluster.stream, cluster.functions["relay"])
        self.training = Mapping(cluster.hub, cluster.functions["training"])
        self.poisoned: set[str] = set()
        """Uids that must end in quarantine, and nothing else may."""

    def trap(self, *traps: Trap) -> None:
        self.cluster.proxy.traps.lay(*traps)

    def weather(self, weather: Weather) -> None:
        self.cluster.proxy.weather = weather

    def learn(self, *event_ids: str) -> None:
        """Whole rounds, up to a model that knows of them."""
        self.earn(*event_ids)
        self.settle()

    def earn(self, *event_ids: str) -> None:
        """Decisions and their rewards."""
        for number, event_id in enumerate(event_ids):
            told = self.client.rank(event_id, 1 + number % 5)
            good = told.ranking["rewardActionId"] == f"a{number % 4}"
            self.client.reward(event_id, "1" if good else "0.125")

    def sweep(self) -> None:
        """Once the wait of every event is over; a sweeper that dies has another one follow it."""
        deadlines = [told.until for told in self.client.told.values()]
        self.sleep_until(max(deadlines) + CLOCK_SKEW_MS / 1000 + 0.5)
        _insist(lambda: self.cluster.functions["expire"]({}))

    def settle(self) -> None:
        """Until nothing is left to deliver."""
        for _ in range(RESTLESS):
            if not any([self.relay.try_step(), self.training.try_step()]):
                return
        raise AssertionError("it does not come to rest")

    def publish(self) -> None:
        """All of the table's stream to the hub, and nothing from there on."""
        for _ in range(RESTLESS):
            if not self.relay.try_step():
                return
        raise AssertionError("the relay does not come to rest")

    def chain(self) -> Chain:
        state = self.cluster.loops.state(self.loop, consistent=True)
        return Chain(state.head, self.cluster.objects)

    def hub(self) -> list[Record]:
        """What reached it of this loop, repetitions included."""
        return [
            record
            for delivered in self.training.delivered
            for record in records.of(delivered)
            if record.loop == self.loop
        ]

    @staticmethod
    def sleep_until(moment: float) -> None:
        time.sleep(max(0.0, moment - time.time()))


def _insist(call: Callable[[], object]) -> None:
    for _ in range(RESTLESS):
        try:
            call()
        except (Died, Failed):
            continue
        return
    raise AssertionError("the function never succeeds")
