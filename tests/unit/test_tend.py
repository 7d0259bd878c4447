"""What is done once an hour."""

import pytest

from personalizer.adapters.memory_jobs import MemoryJobs, MemoryRunner
from personalizer.domain import names
from personalizer.domain.evaluation.job import Status
from personalizer.domain.loop import Configuration, Optimization
from personalizer.usecases.evaluation.jobs import Evaluations
from personalizer.usecases.evaluation.leftovers import Leftovers
from personalizer.usecases.evaluation.optimise import Optimise
from personalizer.usecases.evaluation.settle import Settle
from personalizer.usecases.evaluation.tend import Tend
from personalizer.usecases.evaluation.watching import Watching
from tests.factories import NOW, House, a_job

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
