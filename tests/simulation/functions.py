"""What bootstrap does: the functions, each in warm processes, with doors to the services."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from personalizer.adapters.fake import Inline
from personalizer.adapters.kinesis import KinesisHub
from personalizer.domain.hub import Change
from personalizer.errors import Unreadable
from personalizer.usecases.activate import Activate
from personalizer.usecases.expire import Expire
from personalizer.usecases.rank import Rank
from personalizer.usecases.rebuild import Rebuild
from personalizer.usecases.redrive import Redrive
from personalizer.usecases.relay import Relay
from personalizer.usecases.reward import RewardEvent
from personalizer.usecases.serving import Serving
from personalizer.usecases.training import Training
from tests.simulation.doors import Doors
from tests.simulation.fickle import FickleEngine
from tests.simulation.fleet import Clocks, Fleet
from tests.simulation.services import Services
from tests.simulation.stream import Streamed
from tests.simulation.witness import Witness

type Clock = Callable[[], int]

REFRESH_MS = 1_000


class Functions:
    def __init__(
        self, services: Services, witness: Witness, skew_ms: int, lanes: int, *, announce: bool
    ):
        doors = Doors(services.processes, services.clock, services.census)
        self._services = services
        self._skew_ms = skew_ms
        self._lanes = lanes
        self._announce = announce
        self._names = services.names
        self.events = doors.to(services.events, witness.saw_events)
        self.loops = doors.to(services.loops, witness.saw_loops)
        self.objects = doors.to(services.objects, _saw_nothing)
        self._engine = doors.to(FickleEngine(), _saw_nothing)
        self._audit = doors.to(services.audit, _saw_nothing)
        self._kinesis: Any = doors.to_client(services.kinesis, witness.saw_hub)
        self.quarantine = doors.to(services.quarantine, witness.saw_quarantine)
        self.letters = doors.to(services.letters, _saw_nothing)
        self.ranks = self._fleet("rank", self._rank)
        self.rewards = self._fleet("reward", self._reward)
        self.activates = self._fleet("activate", lambda clock: Activate(self.events, clock))
        self.expires = self._fleet("expire", lambda clock: Expire(self.events, clock, map))
        self.stale_expires = self._fleet("expire", lambda clock: clock)
        self.relays = self._fleet("relay", self._relay)
        self.trains = self._fleet("train", self._train)
        self.redrives = self._fleet("redrive", self._redrive)
        self.rebuilds = self._fleet("rebuild", self._rebuild)
        self.steers = self._fleet("steer", lambda _: None)

    def readable(self, batch: Sequence[Streamed]) -> Iterator[Change]:
        """As the relay's handler does it."""
        for streamed in batch:
            try:
                yield streamed.read()
            except Unreadable as error:
                self.quarantine.put(error.loop, error.place, str(error), error.data)

    def _fleet[F](self, function: str, make: Callable[[Clock], F]) -> Fleet[F]:
        services = self._services
        clocks = Clocks(services.clock, self._skew_ms, services.census)
        return Fleet(function, make, clocks, services.processes, services.census)

    def _rank(self, clock: Clock) -> Rank:
        serving = Serving(self.loops, self.objects, self._engine, Inline(), clock, REFRESH_MS)
        return Rank(self.events, serving, self._engine, clock, self._names, self._names)

    def _reward(self, clock: Clock) -> RewardEvent:
        return RewardEvent(self.events, clock, self._names)

    def _relay(self, _: Clock) -> Relay:
        return Relay(self._hub(), self._audit, announce=self._announce)

    def _train(self, clock: Clock) -> Training:
        return Training(self.loops, self.objects, self.quarantine, self._engine, clock, self._names)

    def _redrive(self, _: Clock) -> Redrive:
        return Redrive(
            self.loops,
            self.objects,
            self._hub(),
            self._audit,
            self.quarantine,
            self._services.stream.decode,
            self._names,
        )

    def _rebuild(self, clock: Clock) -> Rebuild:
        return Rebuild(self.loops, self.objects, self._engine, clock, self._names)

    def _hub(self) -> KinesisHub:
        return KinesisHub(self._kinesis, "hub", self._lanes, sleep=lambda _: None)


def _saw_nothing(name: str, arguments: tuple[Any, ...], answer: Any) -> None:
    """What these services keep is judged by what refers to it."""
