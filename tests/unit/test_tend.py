"""What is done once an hour."""

from collections.abc import Callable

import pytest

from personalizer.adapters.memory import MemoryObjects
from personalizer.adapters.memory_jobs import MemoryJobs, MemoryRunner
from personalizer.domain import names
from personalizer.domain.evaluation.job import Status
from personalizer.domain.evaluation.watch import Watch
from personalizer.domain.health import Range
from personalizer.domain.loop import Configuration, Optimization
from personalizer.domain.policy import Policy
from personalizer.usecases import steer
from personalizer.usecases.evaluation import kept
from personalizer.usecases.evaluation.jobs import Evaluations
from personalizer.usecases.evaluation.leftovers import Leftovers
from personalizer.usecases.evaluation.optimise import Optimise
from personalizer.usecases.evaluation.settle import Settle
from personalizer.usecases.evaluation.tend import Tend
from personalizer.usecases.evaluation.watching import Watching
from personalizer.usecases.mandate import Mandate
from tests.factories import NOW, House, a_job, a_ref

EAGER = Configuration(optimization=Optimization(enabled=True, starts_at=NOW))


@pytest.fixture
def house() -> House:
    house = House(EAGER)
    house.add_loop("other", EAGER)
    return house


@pytest.fixture
def tend(house: House) -> Tend:
    jobs, runner = MemoryJobs(house.memory_loops), MemoryRunner()
    workbench, clock = house.memory_objects, house.clock
    jobs.create(a_job(status=Status.RUNNING, execution="run"))
    evaluations = Evaluations(jobs, house.loops, house.objects, workbench, runner, clock)
    watching = Watching(
        jobs, house.loops, house.objects, workbench, house.engine, clock, house.names
    )
    optimise = Optimise(evaluations, house.loops, house.objects, clock)
    leftovers = Leftovers(jobs, house.loops, workbench, runner, clock)
    return Tend(house.loops, leftovers, Settle(jobs, runner, clock, 1_000), optimise, watching)


def test_every_loop_has_its_turn(house: House, tend: Tend) -> None:
    house.clock.now += 3_600_000
    done = tend(lambda: True)
    assert {due.loop for due in done.due} == {"default", "other"}
    assert [job.id for job in done.stragglers] == ["e-1"]
    assert done.watched == []


def test_what_nobody_needs_any_more_goes(house: House, tend: Tend) -> None:
    for loop in ("gone", "default"):
        house.memory_objects.write(f"{names.jobs(loop)}job/part-000000-0000", b"a log")
    house.add_loop("gone")
    house.memory_loops.delete("gone", NOW)
    tend(lambda: True)
    assert not [*house.memory_objects.keys("evaluation/")]


def test_a_loop_that_meets_a_fault_does_not_keep_others_from_theirs(
    house: House, tend: Tend
) -> None:
    house.memory_objects.delete([house.head.policy.key])
    house.clock.now += 3_600_000
    with pytest.raises(ExceptionGroup, match="not seen to") as faults:
        tend(lambda: True)
    assert len(faults.value.exceptions) == 1


class Noting(MemoryObjects):
    """Which watches were written, by the beginnings of their names."""

    def __init__(self) -> None:
        super().__init__()
        self.watched = list[str]()

    def write(self, key: str, data: bytes) -> None:
        super().write(key, data)
        if key.endswith("watch"):
            self.watched.append(key.removesuffix("watch"))


class Watches:
    """Of loops that are watched: when somebody last looked at each."""

    def __init__(self, attended: dict[str, int]):
        self.store = Noting()
        self.house = House(memory_objects=self.store)
        self.jobs = MemoryJobs(self.house.memory_loops)
        for loop, at in attended.items():
            if loop != "default":
                self.house.add_loop(loop)
            self.keep(loop, at)
        self.store.watched.clear()

    def keep(self, loop: str, attended_at: int) -> None:
        applied = Status.OPTIMAL_POLICY_APPLIED
        job = a_job(loop=loop, is_automatic=True, status=applied)
        self.jobs.create(job)
        chosen, mandate = Policy("Hyper1", "--cb_explore_adf"), Mandate(job.run)
        steer.set_policy(
            self.house.loops, self.store, loop, chosen, self.house.names(), NOW, mandate
        )
        watch = Watch(2, 2, 1, a_ref("model"), NOW, Range(0.0, 1.0), NOW, attended_at=attended_at)
        self.store.write(self.place(loop), kept.packed(watch))

    def attended(self, loop: str) -> int:
        return kept.unpacked(self.store.read(self.place(loop)), Watch, loop).attended_at

    def place(self, loop: str) -> str:
        return names.job(*a_job(loop=loop).ref) + "watch"

    def tend(self, has_time: Callable[[], bool] = lambda: True) -> list[str]:
        """The loops that had their turn, in its order."""
        house, store = self.house, self.store
        house.clock.now += 3_600_000
        runner = MemoryRunner()
        evaluations = Evaluations(self.jobs, house.loops, house.objects, store, runner, house.clock)
        watching = Watching(
            self.jobs, house.loops, house.objects, store, house.engine, house.clock, house.names
        )
        optimise = Optimise(evaluations, house.loops, house.objects, house.clock)
        settle = Settle(self.jobs, runner, house.clock, 1_000)
        leftovers = Leftovers(self.jobs, house.loops, store, runner, house.clock)
        Tend(house.loops, leftovers, settle, optimise, watching)(has_time)
        loops = {self.place(loop).removesuffix("watch"): loop for loop in house.loops.all()}
        return [*dict.fromkeys(loops[prefix] for prefix in store.watched)]


def test_who_was_left_alone_longest_has_the_first_turn() -> None:
    watches = Watches({"default": 3, "b": 1, "c": 2})
    assert watches.tend() == ["b", "c", "default"]


def test_who_had_no_turn_comes_first_the_next_time() -> None:
    """There was time for one alone."""
    watches, time = Watches({"default": 3, "b": 1, "c": 2}), iter([True])
    watches.tend(lambda: next(time, False))
    attended = {loop: watches.attended(loop) for loop in ("default", "b", "c")}
    assert attended == {"default": 3, "b": watches.house.clock.now, "c": 2}


def test_a_watch_that_cannot_be_read_does_not_keep_others_from_their_turn() -> None:
    watches = Watches({"default": 3, "b": 1, "c": 2})
    watches.store.data[watches.place("b")] = b"no watch"
    with pytest.raises(ExceptionGroup):
        watches.tend()
    assert len(watches.store.watched) >= 2
