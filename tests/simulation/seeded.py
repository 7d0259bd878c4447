"""The first driver: a seed decides everything that happens, and so tells how to see it again."""

import random
from collections.abc import Callable
from decimal import Decimal

from personalizer.domain.event import Key
from personalizer.errors import UNREADABLE
from tests.simulation.census import Census
from tests.simulation.prelude import BATCH, begin, relay_all, train_all
from tests.simulation.process import Fate
from tests.simulation.rest import rest
from tests.simulation.services import LOOPS, SEVERAL
from tests.simulation.storage import Storage
from tests.simulation.traffic import Traffic
from tests.simulation.world import HOUR_MS, LAST, Course, World

STEPS = 40
IDS = 5
SKEWS = [0, 1_000, 1_000, 600_000]
WAITS = [1, 900, 60_000, 119_999, 120_000, 590_000, 601_000, 602_000, 4_000_000]
STOPS = [0, 0, 0, 1, 2, 3, 4, 6, 9, 13, 18]
DAYS = [5 * HOUR_MS, 23 * HOUR_MS, 28 * HOUR_MS, 50 * HOUR_MS, 165 * HOUR_MS]


class History:
    def __init__(self, seed: int):
        self.rng = random.Random(seed)
        skew, lanes = self.rng.choice(SKEWS), self.rng.choice([1, 2])
        several, announce = self.rng.choice(SEVERAL), self.rng.random() < 0.5
        self.world = World(several, skew, lanes, announce=announce)
        self.storage, self.traffic = Storage(self.world), Traffic(self.world)
        self.loops = self.rng.sample(LOOPS, self.rng.randrange(1, 4))
        self.shares: dict[Callable[[], None], float] = {
            self.calls: 10,
            self.sweep: 2,
            self.relay: 7,
            self.train: 7,
            self.go_on: 12,
            self.crash: 2.5,
            self.give_up: 2.5,
            self.wait: 4,
            self.wait_days: 0.5,
            self.sweep_late: 1.5,
            self.lag: 0.4,
            self.outage: 0.5,
            self.repair: 0.4,
            self.ttl: 1.2,
            self.erase: 0.8,
            self.edit: 0.4,
            self.plant: 0.5,
            self.reshard: 0.7,
            self.recreate: 0.7,
            self.again: 2,
            self.steer: 0.6,
            self.change_mode: 0.7,
            self.redrive: 1.2,
            self.lose_model: 0.7,
            self.rebuild: 0.7,
        }

    def run(self) -> Census:
        begin(self.world, self.loops)
        acts = self.rng.choices([*self.shares], [*self.shares.values()], k=STEPS)
        for act in acts:
            act()
        rest(self.world, self.storage, sweeper=self.rng.random() < 0.5)
        return self.world.services.census

    # --------------------------------------------------------------------------- functions

    def calls(self) -> None:
        """A burst of what applications do."""
        for call in self.rng.choices([self.rank, self.reward, self.activate], [6, 6, 2], k=5):
            call()

    def rank(self) -> None:
        hour = self.rng.choice([1, 1, 1, 1, 1, 1, 2, 2, 2, "poison"])
        deferred = self.rng.random() < 0.25
        self.world.rank(self.key(), hour=hour, deferred=deferred, course=self.course())

    def reward(self) -> None:
        value = Decimal(self.rng.randrange(-10, 11)) / 10
        call = f"call-{self.rng.randrange(12)}"
        self.world.reward(self.known_key(), value, call, self.course())

    def activate(self) -> None:
        self.world.activate(self.known_key(), self.course())

    def sweep(self) -> None:
        self.world.sweep(self.course())

    def sweep_late(self) -> None:
        self.world.sweep_late(self.number(), self.course())

    def relay(self) -> None:
        for shard in self.some_of(len(self.world.services.stream.shards)):
            self.world.relay(shard, self.rng.randrange(1, 20), self.course())

    def train(self) -> None:
        for shard in self.some_of(len(self.world.services.kinesis.shards)):
            self.world.train(shard, self.rng.randrange(1, 20), self.course())

    # ------------------------------------------------------------------- time and processes

    def go_on(self) -> None:
        self.world.go_on(self.number(), self.course())

    def crash(self) -> None:
        self.world.crash(self.number())

    def give_up(self) -> None:
        self.world.give_up_on(self.number())

    def wait(self) -> None:
        self.world.wait(self.rng.choice(WAITS))

    def wait_days(self) -> None:
        self.world.wait(self.rng.choice(DAYS))

    def lag(self) -> None:
        """One shard of the hub is read a day later than another."""
        relay_all(self.world, Course())
        self.world.wait(28 * HOUR_MS)
        self.calls()
        relay_all(self.world, Course())
        self.world.train(self.number(), BATCH, Course())

    def outage(self) -> None:
        """The relay is down for longer than Lambda has patience; then two bring back what it
        missed, at the same time."""
        self.calls()
        self.world.wait(28 * HOUR_MS)
        self.calls()
        relay_all(self.world, Course())
        train_all(self.world, Course())
        self.world.redrive_letters(self.course())
        self.world.redrive_letters(self.course())

    def repair(self) -> None:
        """A model is lost, and somebody notices."""
        loop = self.rng.choice(self.loops)
        self.storage.lose_model(loop, corrupt=False)
        self.world.rebuild(loop, self.course())

    # ------------------------------------------------------------------------- what else

    def ttl(self) -> None:
        self.storage.ttl(self.number())

    def erase(self) -> None:
        self.storage.erase(self.number())

    def edit(self) -> None:
        undone, told = self.rng.random() < 0.5, self.rng.random() < 0.5
        self.storage.edit(self.number(), undone=undone, told=told)

    def plant(self) -> None:
        loop = self.rng.choice(self.loops)
        if self.rng.random() < 0.6:
            self.traffic.garbage(loop, self.number())
        else:
            self.traffic.broken_example(loop)

    def reshard(self) -> None:
        self.rng.choice([self.traffic.split, self.traffic.merge])(self.number())

    def recreate(self) -> None:
        self.traffic.recreate(relay=self.rng.random() < 0.5)

    def again(self) -> None:
        back, size = self.rng.randrange(1, 9), self.rng.randrange(1, 9)
        self.traffic.again(self.number(), back, size, relay=self.rng.random() < 0.5)

    def steer(self) -> None:
        loop = self.rng.choice(self.loops)
        if self.rng.random() < 0.6:
            self.world.change_policy(loop, self.number(), self.course())
        else:
            self.world.reset(loop, self.course())

    def change_mode(self) -> None:
        self.world.change_mode(self.rng.choice(self.loops), self.number(), self.course())

    def redrive(self) -> None:
        """What was set aside, or what was given up."""
        if self.rng.random() < 0.5:
            self.world.redrive(self.rng.choice([*self.loops, UNREADABLE]), self.course())
        else:
            self.world.redrive_letters(self.course())

    def lose_model(self) -> None:
        corrupt = self.rng.random() < 0.5
        self.storage.lose_model(self.rng.choice(self.loops), corrupt=corrupt)

    def rebuild(self) -> None:
        self.world.rebuild(self.rng.choice(self.loops), self.course())

    # ---------------------------------------------------------------------------- choices

    def key(self) -> Key:
        return Key(self.rng.choice(self.loops), f"e-{self.rng.randrange(IDS)}")

    def known_key(self) -> Key:
        """Of an event that is there, mostly."""
        known = [event.key for event in self.storage.events()]
        return self.rng.choice(known) if known and self.rng.random() < 0.85 else self.key()

    def some_of(self, count: int) -> list[int]:
        return [which for which in range(count) if self.rng.random() < 0.7]

    def number(self) -> int:
        return self.rng.randrange(1_000)

    def course(self) -> Course:
        """Mostly to the end and well; else to somewhere in between, or into a fault."""
        stops = self.rng.choice(STOPS)
        if self.rng.random() < 0.3:
            return Course(stops, self.rng.choice([*Fate]))
        return Course(LAST if self.rng.random() < 0.6 else stops)
