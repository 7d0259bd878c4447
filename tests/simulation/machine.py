"""The second driver: Hypothesis decides what happens, and shortens a history that fails."""

from collections.abc import Callable
from decimal import Decimal

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from personalizer.domain.event import Aggregation, Key
from personalizer.errors import UNREADABLE
from tests.simulation.census import Census
from tests.simulation.prelude import begin, relay_all, train_all
from tests.simulation.process import Fate
from tests.simulation.rest import rest
from tests.simulation.seeded import DAYS, SKEWS, STEPS, WAITS
from tests.simulation.services import LOOPS, SEVERAL
from tests.simulation.storage import Storage
from tests.simulation.traffic import Traffic
from tests.simulation.world import LAST, Course, World

loops = st.sampled_from(LOOPS)
keys = st.builds(Key, loops, st.integers(0, 2).map("e-{}".format))
courses = st.builds(Course, st.just(LAST) | st.integers(0, 20), st.sampled_from(Fate))
values = st.integers(-10, 10).map(lambda tenths: Decimal(tenths) / 10)
some = st.integers(0, 9)
sizes = st.integers(1, 20)


class Machine(RuleBasedStateMachine):
    census = Census()

    def __init__(self) -> None:
        super().__init__()
        self.sound = True

    @initialize(
        several=st.sampled_from(SEVERAL),
        skew=st.sampled_from(SKEWS),
        lanes=st.integers(1, 2),
        sweeper=st.booleans(),
    )
    def begin(self, several: Aggregation, skew: int, lanes: int, sweeper: bool) -> None:
        self.sweeper = sweeper
        self.world = World(several, skew, lanes)
        self.storage, self.traffic = Storage(self.world), Traffic(self.world)
        self.do(lambda: begin(self.world, LOOPS))

    def teardown(self) -> None:
        if self.sound:
            rest(self.world, self.storage, sweeper=self.sweeper)
        self.census.add(self.world.services.census)

    def do(self, act: Callable[[], object]) -> None:
        """Where something has gone wrong, nothing can come to rest any more."""
        self.sound = False
        act()
        self.sound = True

    @rule(key=keys, hour=st.sampled_from([1, 2, "poison"]), deferred=st.booleans(), course=courses)
    def rank(self, key: Key, hour: object, deferred: bool, course: Course) -> None:
        self.do(lambda: self.world.rank(key, hour=hour, deferred=deferred, course=course))

    @rule(key=keys, value=values, call=some, course=courses)
    def reward(self, key: Key, value: Decimal, call: int, course: Course) -> None:
        self.do(lambda: self.world.reward(key, value, f"call-{call}", course))

    @rule(key=keys, course=courses)
    def activate(self, key: Key, course: Course) -> None:
        self.do(lambda: self.world.activate(key, course))

    @rule(course=courses)
    def sweep(self, course: Course) -> None:
        self.do(lambda: self.world.sweep(course))

    @rule(which=some, course=courses)
    def sweep_late(self, which: int, course: Course) -> None:
        self.do(lambda: self.world.sweep_late(which, course))

    @rule(course=courses)
    def relay(self, course: Course) -> None:
        self.do(lambda: relay_all(self.world, course))

    @rule(course=courses)
    def train(self, course: Course) -> None:
        self.do(lambda: train_all(self.world, course))

    @rule(shard=some, size=sizes, course=courses)
    def read(self, shard: int, size: int, course: Course) -> None:
        """A little, of one shard of the stream and one of the hub."""
        self.do(lambda: self.world.relay(shard, size, course))
        self.do(lambda: self.world.train(shard, size, course))

    @rule(which=some, course=courses)
    def go_on(self, which: int, course: Course) -> None:
        self.do(lambda: self.world.go_on(which, course))

    @rule(which=some, crashes=st.booleans())
    def lose(self, which: int, crashes: bool) -> None:
        self.do(lambda: (self.world.crash if crashes else self.world.give_up_on)(which))

    @rule(milliseconds=st.sampled_from([*WAITS, *DAYS]))
    def wait(self, milliseconds: int) -> None:
        self.do(lambda: self.world.wait(milliseconds))

    @rule(which=some, expired=st.booleans())
    def delete(self, which: int, expired: bool) -> None:
        self.do(lambda: (self.storage.ttl if expired else self.storage.erase)(which))

    @rule(which=some, undone=st.booleans(), told=st.booleans())
    def edit(self, which: int, undone: bool, told: bool) -> None:
        self.do(lambda: self.storage.edit(which, undone=undone, told=told))

    @rule(loop=loops, kind=st.integers(0, 3))
    def plant(self, loop: str, kind: int) -> None:
        """Garbage of three kinds, or an example that cannot be read."""
        garbage, broken = self.traffic.garbage, self.traffic.broken_example
        self.do(lambda: garbage(loop, kind) if kind < 3 else broken(loop))

    @rule(which=some, splits=st.booleans())
    def reshard(self, which: int, splits: bool) -> None:
        self.do(lambda: (self.traffic.split if splits else self.traffic.merge)(which))

    @rule(relay=st.booleans())
    def recreate(self, relay: bool) -> None:
        self.do(lambda: self.traffic.recreate(relay=relay))

    @rule(shard=some, back=sizes, size=sizes, relay=st.booleans())
    def again(self, shard: int, back: int, size: int, relay: bool) -> None:
        self.do(lambda: self.traffic.again(shard, back, size, relay=relay))

    @rule(loop=loops, which=some, course=courses)
    def change_policy(self, loop: str, which: int, course: Course) -> None:
        self.do(lambda: self.world.change_policy(loop, which, course))

    @rule(loop=loops, which=some, course=courses)
    def change_mode(self, loop: str, which: int, course: Course) -> None:
        self.do(lambda: self.world.change_mode(loop, which, course))

    @rule(loop=loops, course=courses)
    def reset(self, loop: str, course: Course) -> None:
        self.do(lambda: self.world.reset(loop, course))

    @rule(loop=loops, corrupt=st.booleans())
    def lose_model(self, loop: str, corrupt: bool) -> None:
        self.do(lambda: self.storage.lose_model(loop, corrupt=corrupt))

    @rule(loop=loops, course=courses)
    def rebuild(self, loop: str, course: Course) -> None:
        self.do(lambda: self.world.rebuild(loop, course))

    @rule(loop=loops | st.just(UNREADABLE), course=courses)
    def redrive(self, loop: str, course: Course) -> None:
        self.do(lambda: self.world.redrive(loop, course))

    @rule(course=courses)
    def redrive_letters(self, course: Course) -> None:
        self.do(lambda: self.world.redrive_letters(course))


def search(histories: int) -> None:
    """Raises what went wrong, with the shortest history that was found for it."""
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=histories,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=[*HealthCheck],
        ),
    )
