"""The whole service in memory, with everything that can happen to it as a method.

Each function runs as on AWS: in warm processes, many at a time, and each can be stopped at every
call of a port. Whoever drives the world decides what happens next; nothing here is random.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from personalizer.adapters.fake import Inline
from personalizer.adapters.kinesis import ATTEMPTS, KinesisHub
from personalizer.adapters.memory import (
    MemoryAudit,
    MemoryDeadLetters,
    MemoryEvents,
    MemoryLoops,
    MemoryObjects,
    MemoryQuarantine,
)
from personalizer.domain.event import Aggregation, Key
from personalizer.domain.hub import Change
from personalizer.domain.loop import Configuration
from personalizer.errors import Unreadable
from personalizer.ports import Events, Loops, Objects, Quarantine
from personalizer.usecases import provision
from personalizer.usecases.activate import Activate
from personalizer.usecases.expire import Expire
from personalizer.usecases.rank import Rank
from personalizer.usecases.rebuild import Rebuild
from personalizer.usecases.redrive import Redrive
from personalizer.usecases.relay import Relay
from personalizer.usecases.reward import RewardEvent
from personalizer.usecases.serving import Serving
from personalizer.usecases.training import Training
from personalizer.usecases.training.lines import Arrival
from tests.factories import NOW, Counter, a_request
from tests.simulation.census import Census
from tests.simulation.doors import Doors
from tests.simulation.fickle import FickleEngine
from tests.simulation.fleet import Clocks, Fleet, WorldClock
from tests.simulation.kinesis import MemoryKinesis, Written
from tests.simulation.mapping import EventSourceMapping
from tests.simulation.process import Fate, Process, Processes
from tests.simulation.stream import Stream, Streamed
from tests.simulation.witness import Witness

HOUR_MS = 3_600_000
WAIT_MS = 600_000
LOOPS = {
    "quick": Configuration(default_reward=Decimal("-0.25")),
    "sums": Configuration(aggregation=Aggregation.SUM, default_reward=Decimal("0.1")),
    "patient": Configuration(learn_after_wait=True, cost_offset=0.5),
}
LAST = 10**9
"""More stops than any function has."""


@dataclass(frozen=True, slots=True)
class Course:
    """How a function goes on: it does so many stops as it should, then meets this fate."""

    stops: int = LAST
    fate: Fate = Fate.DONE


class World:
    def __init__(self, skew_ms: int = 0, lanes: int = 1, *, announce: bool = True):
        self.census = Census()
        self.clock = WorldClock(NOW)
        self.processes = Processes()
        self.skew_ms = skew_ms
        self.events = MemoryEvents()
        self.loops = MemoryLoops()
        self.objects = MemoryObjects()
        self.quarantine = MemoryQuarantine()
        self.letters = MemoryDeadLetters()
        self.audit = MemoryAudit()
        self.kinesis = MemoryKinesis(self.clock, self._refused)
        self.stream = Stream(self.events)
        self.names = Counter()
        self.being_ranked: list[Key] = []
        for loop, configuration in LOOPS.items():
            provision.create_loop(self.loops, self.objects, loop, configuration)
        heads = {loop: self.loops.state(loop).head for loop in LOOPS}
        self.witness = Witness(LOOPS, heads, self.objects, self.clock, skew_ms, self.census)
        self._answered: dict[Process | None, str] = {}
        self._build(lanes, announce)

    def _build(self, lanes: int, announce: bool) -> None:
        """What bootstrap does, with doors between the functions and the services."""
        witness, doors = self.witness, Doors(self.processes, self.clock, self.census)
        events: Events = doors.to(self.events, self._saw_events)
        loops: Loops = doors.to(self.loops, witness.saw_loops)
        objects: Objects = doors.to(self.objects, _saw_nothing)
        self._quarantine: Quarantine = doors.to(self.quarantine, witness.saw_quarantine)
        self.steered = loops
        letters = doors.to(self.letters, _saw_nothing)
        audit = doors.to(self.audit, _saw_nothing)
        engine = doors.to(FickleEngine(), _saw_nothing)
        client = doors.to_client(self.kinesis, witness.saw_hub)
        names = self.names

        def rank(clock: Callable[[], int]) -> Rank:
            serving = Serving(loops, objects, engine, Inline(), clock, refresh_ms=1000)
            return Rank(events, serving, engine, clock, names, names)

        def hub() -> KinesisHub:
            return KinesisHub(client, "hub", lanes, sleep=lambda _: None)  # type: ignore[arg-type]

        def relay(_: Callable[[], int]) -> Relay:
            return Relay(hub(), audit, announce=announce)

        def redrive(_: Callable[[], int]) -> Redrive:
            read = self.stream.decode
            return Redrive(loops, objects, hub(), audit, self._quarantine, read, names)

        def rebuild(clock: Callable[[], int]) -> Rebuild:
            return Rebuild(loops, objects, engine, clock, names)

        def train(clock: Callable[[], int]) -> Training:
            return Training(loops, objects, self._quarantine, engine, clock, names)

        self._ranks = self._fleet("rank", rank)
        self._rewards = self._fleet("reward", lambda clock: RewardEvent(events, clock, names))
        self._activates = self._fleet("activate", lambda clock: Activate(events, clock))
        self._expires = self._fleet("expire", lambda clock: Expire(events, clock, map))
        self._relays = self._fleet("relay", relay)
        self._trains = self._fleet("train", train)
        self._redrives = self._fleet("redrive", redrive)
        self._rebuilds = self._fleet("rebuild", rebuild)
        self._letters = letters
        self.relaying = EventSourceMapping(
            "relay",
            lambda: {name: (shard, ()) for name, shard in self.stream.shards.items()},
            self.relay_batch,
            self.clock,
            self.census,
            lambda shard, streamed: self._give_up("relay", shard, streamed.name.encode()),
            keeps_ms=24 * HOUR_MS,
            gives_up_ms=22 * HOUR_MS,
        )
        self.training = EventSourceMapping(
            "train",
            lambda: {s.name: (s.records, s.parents) for s in self.kinesis.shards.values()},
            self._train,
            self.clock,
            self.census,
            lambda shard, written: self._give_up("train", shard, written.data),
            keeps_ms=168 * HOUR_MS,
            gives_up_ms=162 * HOUR_MS,
        )

    def _fleet[F](self, function: str, make: Callable[[Callable[[], int]], F]) -> Fleet[F]:
        clocks = Clocks(self.clock, self.skew_ms, self.census)
        return Fleet(function, make, clocks, self.processes, self.census)

    # ------------------------------------------------------------------------ applications

    def rank(self, key: Key, *, hour: object, deferred: bool, course: Course) -> None:
        request = a_request(
            eventId=key.event_id, contextFeatures=[{"hour": hour}], deferActivation=deferred
        )

        def ended(process: Process) -> None:
            self.being_ranked.remove(key)
            uid = self._answered.pop(process, "")
            if process.answer is not None:
                self.witness.saw_ranking(uid, process.answer)

        self.being_ranked.append(key)
        self._go(self._ranks.call(lambda rank: rank(key.loop, request), ended), course)

    def reward(self, key: Key, value: Decimal, idempotency_key: str, course: Course) -> None:
        self._go(self._rewards.call(lambda call: call(key, value, idempotency_key)), course)

    def activate(self, key: Key, course: Course) -> None:
        self._go(self._activates.call(lambda call: call(key)), course)

    # ------------------------------------------------------------- what happens to an event

    def sweep(self, course: Course) -> None:
        self._go(self._expires.call(lambda expire: expire()), course)

    def relay(self, shard: int, size: int, course: Course) -> None:
        self._poll(self.relaying, shard, size, course)

    def train(self, shard: int, size: int, course: Course) -> None:
        self._poll(self.training, shard, size, course)

    def _poll[R: (Streamed, Written)](
        self, mapping: EventSourceMapping[R], shard: int, size: int, course: Course
    ) -> None:
        before = {*self.processes.alive}
        mapping.poll(pick(mapping.names(), shard), size)
        for process in [p for p in self.processes.alive if p not in before]:
            self._go(process, course)

    def relay_batch(
        self, _: str, batch: Sequence[Streamed], ended: Callable[[Process], None]
    ) -> Process:
        return self._relays.call(lambda relay: relay([*self._readable(batch)]), ended)

    def _readable(self, batch: Sequence[Streamed]) -> Iterator[Change]:
        """As the relay's handler does it."""
        for streamed in batch:
            try:
                yield streamed.read()
            except Unreadable as error:
                self._quarantine.put(error.loop, error.place, str(error), error.data)

    def _train(
        self, shard: str, batch: Sequence[Written], ended: Callable[[Process], None]
    ) -> Process:
        arrivals = [Arrival(f"hub/{shard}/{w.key}", w.sequence, w.data) for w in batch]
        return self._trains.call(lambda train: train(arrivals), ended)

    def _give_up(self, function: str, shard: str, data: bytes) -> None:
        self.letters.letters[f"{function}/{shard}/{self.names()}"] = [data]

    # --------------------------------------------------------------------------- operators

    def redrive(self, loop: str, course: Course) -> None:
        """Bring back what was set aside of a loop."""
        self._go(self._redrives.call(lambda redrive: redrive.quarantined(loop)), course)

    def redrive_letters(self, course: Course) -> None:
        """Bring back what Lambda gave up on."""
        letters = self._letters
        self._go(self._redrives.call(lambda redrive: redrive.dead_letters(letters)), course)

    def rebuild(self, loop: str, course: Course) -> None:
        """Make a model again that was lost."""
        self._go(self._rebuilds.call(lambda rebuild: rebuild(loop)), course)

    # ------------------------------------------------------------------- time and processes

    def wait(self, milliseconds: int) -> None:
        self.clock.now += milliseconds

    def go_on(self, which: int, course: Course) -> None:
        if self.processes.alive:
            self._go(pick(self.processes.alive, which), course)

    def crash(self, which: int) -> None:
        if self.processes.alive:
            self.processes.crash(pick(self.processes.alive, which))

    def give_up_on(self, which: int) -> None:
        if self.processes.alive:
            process = pick(self.processes.alive, which)
            self.relaying.give_up_on(process)
            self.training.give_up_on(process)

    def _go(self, process: Process, course: Course) -> None:
        for _ in range(course.stops):
            if process.end is not None:
                return
            self.processes.advance(process)
        if process.end is None:
            self.processes.advance(process, course.fate)

    def _refused(self, count: int) -> Sequence[int]:
        """What Kinesis does not take of so many records."""
        process = self.processes.current
        if process is None or process.fate not in (Fate.PARTIAL, Fate.THROTTLED):
            return ()
        process.refusals += 1
        if process.fate is Fate.THROTTLED:
            self._count_throttling(process)
            return range(0, count, 2)
        return range(process.refusals % min(2, count), count, 2)

    def _count_throttling(self, process: Process) -> None:
        if process.refusals == ATTEMPTS:
            self.census.count("hub that stays throttled")

    def _saw_events(self, name: str, arguments: tuple[object, ...], answer: object) -> None:
        self.stream.flow(self.clock.now)
        self.witness.saw_events(name, arguments, answer)
        if name == "rank":
            self._answered[self.processes.current] = answer.uid


def _saw_nothing(name: str, arguments: tuple[object, ...], answer: object) -> None:
    """Objects are immutable: what matters is what a head says of them."""


def pick[T](things: Sequence[T], which: int) -> T:
    return things[which % len(things)]
