"""The whole service in memory, and all that its users, its operators and Lambda do with it.

Each function runs as on AWS: in warm processes, many at a time, and each can be stopped at every
call of a port. Whoever drives the world decides what happens next; nothing here is random.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from personalizer.domain.event import Aggregation, Key, LearningMode
from personalizer.domain.loop import DEFAULT_POLICY
from personalizer.domain.policy import Policy
from personalizer.usecases import steer
from personalizer.usecases.configure import Configure
from personalizer.usecases.training.lines import Arrival
from tests.factories import a_request
from tests.simulation.functions import Functions
from tests.simulation.kinesis import Written
from tests.simulation.mapping import EventSourceMapping
from tests.simulation.process import Fate, Process
from tests.simulation.services import Services
from tests.simulation.stream import Streamed
from tests.simulation.witness import Witness

HOUR_MS = 3_600_000
POLICIES = [
    DEFAULT_POLICY,
    f"{DEFAULT_POLICY} --power_t 0.4",
    "--cb_explore_adf --cb_type mtr",
    "--cb_explore_adf --cb_type dr",
]
LAST = 10**9
"""More stops than any function has."""

type Ended = Callable[[Process], None]


@dataclass(frozen=True, slots=True)
class Course:
    """How a function goes on: it does so many stops as it should, then meets this fate."""

    stops: int = LAST
    fate: Fate = Fate.DONE


class World:
    def __init__(
        self, several: Aggregation, skew_ms: int = 0, lanes: int = 1, *, announce: bool = True
    ):
        self.services = services = Services(several)
        self.skew_ms = skew_ms
        self.being_ranked: list[Key] = []
        self.witness = Witness(services, skew_ms)
        self._functions = Functions(services, self.witness, skew_ms, lanes, announce=announce)
        self.relaying = EventSourceMapping(
            "relay",
            lambda: {name: (shard, ()) for name, shard in services.stream.shards.items()},
            self._relay,
            services.clock,
            services.census,
            lambda shard, streamed: self._give_up("relay", shard, streamed.name.encode()),
            keeps_ms=24 * HOUR_MS,
            gives_up_ms=22 * HOUR_MS,
        )
        self.training = EventSourceMapping(
            "train",
            lambda: {s.name: (s.records, s.parents) for s in services.kinesis.shards.values()},
            self._train,
            services.clock,
            services.census,
            lambda shard, written: self._give_up("train", shard, written.data),
            keeps_ms=168 * HOUR_MS,
            gives_up_ms=162 * HOUR_MS,
        )

    # ------------------------------------------------------------------------ applications

    def rank(self, key: Key, *, hour: object, deferred: bool, course: Course) -> None:
        request = a_request(
            eventId=key.event_id, contextFeatures=[{"hour": hour}], deferActivation=deferred
        )

        def ended(process: Process) -> None:
            self.being_ranked.remove(key)
            self.witness.saw_end_of_rank(process)

        self.being_ranked.append(key)
        self._go(self._functions.ranks.call(lambda rank: rank(key.loop, request), ended), course)

    def reward(self, key: Key, value: Decimal, idempotency_key: str, course: Course) -> None:
        calls = self._functions.rewards
        self._go(calls.call(lambda call: call(key, value, idempotency_key)), course)

    def activate(self, key: Key, course: Course) -> None:
        self._go(self._functions.activates.call(lambda call: call(key)), course)

    # ------------------------------------------------------------- what happens to an event

    def sweep(self, course: Course) -> None:
        self._go(self._functions.expires.call(lambda expire: expire()), course)

    def sweep_late(self, which: int, course: Course) -> None:
        """A sweeper that goes by what it read of one event, whenever that was."""
        decisions = [*self.witness.reference.decisions.values()]
        if decisions:
            found, events = pick(decisions, which), self._functions.events
            calls = self._functions.stale_expires
            self._go(calls.call(lambda clock: events.expire(found.key, found.uid, clock())), course)

    def relay(self, shard: int, size: int, course: Course) -> None:
        self._poll(self.relaying, shard, size, course)

    def train(self, shard: int, size: int, course: Course) -> None:
        self._poll(self.training, shard, size, course)

    def _poll[R: (Streamed, Written)](
        self, mapping: EventSourceMapping[R], shard: int, size: int, course: Course
    ) -> None:
        process = mapping.poll(pick(mapping.names(), shard), size)
        if process is not None:
            self._go(process, course)

    def _relay(self, _: str, batch: Sequence[Streamed], ended: Ended) -> Process:
        functions = self._functions
        return functions.relays.call(lambda relay: relay([*functions.readable(batch)]), ended)

    def _train(self, shard: str, batch: Sequence[Written], ended: Ended) -> Process:
        arrivals = [Arrival(f"hub/{shard}/{w.key}", w.sequence, w.data) for w in batch]
        return self._functions.trains.call(lambda train: train(arrivals), ended)

    def _give_up(self, function: str, shard: str, data: bytes) -> None:
        letters = self.services.letters.letters
        letters[f"{function}/{shard}/{self.services.names()}"] = [data]

    # --------------------------------------------------------------------------- operators

    def redrive(self, loop: str, course: Course) -> None:
        """Bring back what was set aside of a loop."""
        self._go(self._functions.redrives.call(lambda redrive: redrive.quarantined(loop)), course)

    def redrive_letters(self, course: Course) -> None:
        """Bring back what Lambda gave up on."""
        calls, letters = self._functions.redrives, self._functions.letters
        self._go(calls.call(lambda redrive: redrive.dead_letters(letters)), course)

    def rebuild(self, loop: str, course: Course) -> None:
        """Make a model again that was lost."""
        self._go(self._functions.rebuilds.call(lambda rebuild: rebuild(loop)), course)

    def change_policy(self, loop: str, which: int, course: Course) -> None:
        calls, chosen = self._functions, Policy("chosen", pick(POLICIES, which))
        name, now = self.services.names(), self.services.clock()

        def change(_: None) -> None:
            steer.set_policy(calls.loops, calls.objects, loop, chosen, name, now)

        self._go(calls.steers.call(change), course)
        self.services.census.count("policy changed")

    def change_mode(self, loop: str, which: int, course: Course) -> None:
        calls, mode = self._functions, pick([*LearningMode], which)

        def change(_: None) -> None:
            configure = Configure(calls.loops, self.services.clock)
            configure(loop, lambda old: replace(old, learning_mode=mode))

        self._go(calls.steers.call(change), course)
        self.services.census.count("learning mode changed")

    def reset(self, loop: str, course: Course) -> None:
        calls, name = self._functions, self.services.names()
        self._go(calls.steers.call(lambda _: steer.reset(calls.loops, loop, name)), course)
        self.services.census.count("loop reset")

    # ------------------------------------------------------------------- time and processes

    def wait(self, milliseconds: int) -> None:
        self.services.clock.now += milliseconds

    def go_on(self, which: int, course: Course) -> None:
        self._with_a_process(which, lambda process: self._go(process, course))

    def crash(self, which: int) -> None:
        self._with_a_process(which, self.services.processes.crash)

    def give_up_on(self, which: int) -> None:
        """Lambda's patience is at an end; the process may go on all the same."""
        self._with_a_process(which, self.relaying.give_up_on)
        self._with_a_process(which, self.training.give_up_on)

    def _with_a_process(self, which: int, act: Callable[[Process], None]) -> None:
        alive = self.services.processes.alive
        if alive:
            act(pick(alive, which))

    def _go(self, process: Process, course: Course) -> None:
        for _ in range(course.stops):
            if process.end is not None:
                return
            self.services.processes.advance(process)
        if process.end is None:
            self.services.processes.advance(process, course.fate)


def pick[T](things: Sequence[T], which: int) -> T:
    return things[which % len(things)]
