"""Whatever happens in whatever order, every decision that counts is learned exactly once.

A seed decides what happens: calls, retries, reused ids, sweeps, a relay that repeats and reorders,
a trainer that dies between its writes or is late for them.
"""

import gzip
import json
import random
from collections.abc import Callable, Sequence
from decimal import Decimal

import msgspec
import pytest

from personalizer.domain.commit import Commit
from personalizer.domain.event import CLOCK_SKEW_MS, Aggregation, Event, Key, Why
from personalizer.domain.hub import Change, Joined, Record
from personalizer.domain.loop import Configuration
from personalizer.domain.timer import time_to_live
from personalizer.usecases.relay import Relay
from tests.factories import House
from tests.faults import Countdown, Crash, FragileLoops, FragileObjects
from tests.simulation.reference import Reference

SEEDS = 200
STEPS = 100
IDS = [f"e-{number}" for number in range(12)]


class Simulation:
    def __init__(self, seed: int):
        self.rng = random.Random(seed)
        configuration = Configuration(
            aggregation=self.rng.choice([*Aggregation]),
            learn_after_wait=self.rng.random() < 0.5,
            default_reward=Decimal("-0.25"),
        )
        self.house = House(configuration)
        self.reference = Reference(configuration)
        self.known: list[tuple[Key, str]] = []
        self.published = 0
        self.cursor = 0

    def run(self) -> None:
        steps = [self.rank, self.reward, self.activate, self.wait, self.sweep, self.relay]
        choices: Sequence[Callable[[], None]] = [*steps, self.train, self.rank, self.reward]
        for _ in range(STEPS):
            self.rng.choice(choices)()
        self.settle()

    def rank(self) -> None:
        """A new decision, a retry, or another request with a used id."""
        event_id, deferred = self.rng.choice(IDS), self.rng.random() < 0.3
        context = [{"hour": self.rng.randrange(1, 3)}]
        self.house.rank(eventId=event_id, contextFeatures=context, deferActivation=deferred)
        event = self.house.events.get(Key("default", event_id))
        assert isinstance(event, Event)
        self.known.append((event.key, event.uid))
        self.reference.ranked(event_id, event.uid, self.house.clock.now, deferred=deferred)

    def reward(self) -> None:
        event_id, value = self.rng.choice(IDS), Decimal(self.rng.randrange(-10, 11)) / 10
        key = f"call-{self.rng.randrange(40)}"
        self.house.reward(event_id, value, key)
        self.reference.told(event_id, self.house.clock.now, (key, value))

    def activate(self) -> None:
        event_id = self.rng.choice(IDS)
        self.house.activate(event_id)
        self.reference.told(event_id, self.house.clock.now)

    def wait(self) -> None:
        self.house.clock.now += self.rng.choice([1, 500, 60_000, 119_999, 120_000, 599_999])

    def sweep(self) -> None:
        """A sweeper, and another one that goes by what it read long ago."""
        self.house.expire()
        if self.known:
            self.house.events.expire(*self.rng.choice(self.known), self.house.clock.now)

    def relay(self) -> None:
        """Some of the stream: in order of each item, but none among them; some of it again."""
        changes = self.house.events.changes
        again = self.rng.randrange(self.published + 1)
        until = self.rng.randrange(self.published, len(changes) + 1)
        self.publish(changes[again:until])
        self.published = until

    def publish(self, changes: list[Change]) -> None:
        self.rng.shuffle(changes)
        Relay(self.house.hub, self.house.audit, announce=self.rng.random() < 0.5)(changes)

    def train(self) -> None:
        """Some of the hub, some of it again; a batch whose trainer dies is delivered again."""
        countdown = Countdown(self.rng.randrange(12), after=self.rng.random() < 0.5)
        beaten = self.rng.randrange(3)
        self.house.objects = FragileObjects(self.house.memory_objects, countdown)
        self.house.loops = FragileLoops(self.house.memory_loops, countdown, beaten)
        try:
            self.deliver(self.rng.randrange(self.cursor + 1), self.rng.randrange(1, 30))
        except Crash:
            return

    def deliver(self, start: int, count: int) -> None:
        end = min(self.cursor + count, len(self.house.hub.records))
        self.house.train(*self.house.arrivals()[start:end])
        self.cursor = end

    def settle(self) -> None:
        """Time passes, and everything that is on its way arrives. Here TTL may be the sweeper."""
        house = self.house
        house.clock.now += house.configuration.reward_wait_ms + CLOCK_SKEW_MS
        if self.rng.random() < 0.5:
            self.sweep()
        house.clock.now += 3_600_000
        for key, item in [*house.events.items.items()]:
            if time_to_live(item) <= house.clock.now // 1000:
                house.events.delete(key, house.clock.now, expired=True)
        self.publish(house.events.changes[self.published :])
        house.loops, house.objects = house.memory_loops, house.memory_objects
        self.deliver(self.cursor, len(house.hub.records))

    def is_premature(self, record: Record) -> bool:
        """Whether an event got its default before its wait was over."""
        over = isinstance(record, Joined) and record.why in (Why.WAIT, Why.TTL)
        wait = self.house.configuration.reward_wait_ms
        return isinstance(record, Joined) and over and record.final_at < record.ranked_at + wait

    def logged(self) -> list[tuple[str, Decimal]]:
        """(uid, reward) of every line along the commit chain, oldest first."""
        segments: list[bytes] = []
        ref = self.house.head.commit
        while ref is not None:
            commit = msgspec.json.decode(self.house.memory_objects.get(ref), type=Commit)
            segments.insert(0, gzip.decompress(self.house.memory_objects.get(commit.log)))
            ref = commit.previous
        lines = [json.loads(line) for line in b"".join(segments).splitlines()]
        return [(line["uid"], -Decimal(str(line["_label_cost"]))) for line in lines]


@pytest.mark.parametrize("seed", range(SEEDS))
def test_every_decision_that_counts_is_learned_once_with_its_reward(seed: int) -> None:
    simulation = Simulation(seed)
    simulation.run()
    logged = simulation.logged()
    assert len(logged) == len(dict(logged)), "learned twice"
    assert dict(logged) == simulation.reference.lessons()
    assert [json.loads(line)["uid"] for line in simulation.house.lines()] == [u for u, _ in logged]
    assert simulation.house.quarantine.records == {}
    assert not any(map(simulation.is_premature, simulation.house.hub.records))


def test_the_simulation_visits_every_end_of_an_event() -> None:
    ends: set[tuple[Why, bool]] = set()
    for seed in range(20):
        simulation = Simulation(seed)
        simulation.run()
        joined = [r for r in simulation.house.hub.records if isinstance(r, Joined)]
        ends |= {(record.why, record.observed) for record in joined}
    assert ends == {(why, seen) for why in Why for seen in (True, False)} - {(Why.REWARD, False)}
