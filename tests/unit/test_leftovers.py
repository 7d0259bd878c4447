"""What evaluations hold of a log goes with it."""

from dataclasses import dataclass, field, replace

import pytest

from personalizer.adapters.memory_jobs import MemoryJobs, MemoryRunner
from personalizer.domain import names
from personalizer.domain.evaluation.job import Job, Kind, Status
from personalizer.domain.loop import DAY_MS, FOREVER, Configuration
from personalizer.errors import JobFailed
from personalizer.usecases.evaluation import results
from personalizer.usecases.evaluation.desk import Desk
from personalizer.usecases.evaluation.leftovers import LOG_DELETED, OUTLIVED, Leftovers
from personalizer.usecases.evaluation.tasks import Tasks
from tests.evaluating import a_wanted_job, evaluated, planned, tasks_of
from tests.factories import House

KEPT_DAYS = 30


@dataclass
class Office:
    """A loop with a log, and an evaluation of it whose run has just gathered that."""

    house: House = field(default_factory=lambda: House(Configuration(log_retention_days=30)))
    runner: MemoryRunner = field(default_factory=MemoryRunner)

    def __post_init__(self) -> None:
        self.house.learn()
        self.house.clock.now += DAY_MS
        self.jobs = MemoryJobs(self.house.memory_loops)
        self.job = a_wanted_job(self.house, status=Status.RUNNING, execution="run")
        self.jobs.create(self.job)
        for part in planned(self.tasks, self.job):
            self.tasks.gather(self.job.ref, part)

    @property
    def tasks(self) -> Tasks:
        return tasks_of(self.house, self.jobs)

    @property
    def leftovers(self) -> Leftovers:
        house = self.house
        return Leftovers(
            self.jobs, house.memory_loops, house.memory_objects, self.runner, house.clock
        )

    def now(self) -> Job:
        found = self.jobs.get("default", Kind.EVALUATION, self.job.id)
        assert found
        return found

    def lay_late(self) -> None:
        """As a task does that was under way when its job ended."""
        Desk(self.house.memory_objects, self.job.ref).lay_piece(0, 0, [])

    @property
    def held(self) -> set[str]:
        found = self.house.memory_objects.keys("evaluation/")
        return {key.rpartition("/")[2] for key in found}


@pytest.fixture
def office() -> Office:
    office = Office()
    assert "part-000000-0000" in office.held
    return office


def test_a_log_that_is_deleted_is_nowhere_and_what_worked_on_it_says_why(office: Office) -> None:
    office.leftovers.of_deleted_log("default")
    assert not office.held
    assert (office.now().status, office.now().reason) == (Status.FAILED, LOG_DELETED)
    assert office.runner.stopped == ["run"]
    with pytest.raises(JobFailed):
        office.tasks.choose(office.job.ref)


def test_what_was_over_when_the_log_was_deleted_stays_as_it_is(office: Office) -> None:
    done = evaluated(office.house, replace(a_wanted_job(office.house), id="done"))
    office.jobs.create(done)
    office.leftovers.of_deleted_log("default")
    assert office.jobs.get("default", Kind.EVALUATION, "done") == done
    assert results.key(done) in office.house.memory_objects.data


def test_a_loop_that_is_deleted_leaves_no_evaluation(office: Office) -> None:
    office.house.memory_loops.delete("default", office.house.clock.now)
    office.leftovers.of_deleted_loop("default")
    assert not office.held
    assert office.runner.stopped == ["run"]
    assert office.jobs.forget("default") == []


def test_a_copy_is_no_older_than_the_loop_keeps_its_log(office: Office) -> None:
    office.house.clock.now += KEPT_DAYS * DAY_MS
    office.leftovers.outdated("default")
    assert office.now().status is Status.RUNNING
    office.house.clock.now += 1
    office.leftovers.outdated("default")
    assert not office.held
    assert (office.now().status, office.now().reason) == (Status.FAILED, OUTLIVED)


def test_a_loop_that_keeps_its_log_for_ever_keeps_copies_while_they_are_needed() -> None:
    office = Office(House(Configuration(log_retention_days=FOREVER)))
    office.house.clock.now += 1_000 * DAY_MS
    office.leftovers.outdated("default")
    assert office.now().status is Status.RUNNING
    assert "part-000000-0000" in office.held


@pytest.mark.parametrize("status", [Status.FAILED, Status.SUCCEEDED])
def test_what_a_task_lays_down_after_the_end_is_found(office: Office, status: Status) -> None:
    office.jobs.replace(office.job, replace(office.job, status=status))
    office.lay_late()
    office.leftovers.outdated("default")
    assert not office.held


def test_what_a_task_lays_down_for_a_job_that_is_gone_is_found(office: Office) -> None:
    office.jobs.delete("default", Kind.EVALUATION, office.job.id)
    office.leftovers.outdated("default")
    assert not office.held


def test_a_result_and_the_models_in_it_stay(office: Office) -> None:
    done = evaluated(office.house, replace(a_wanted_job(office.house), id="done"))
    office.jobs.create(done)
    before = [*office.house.memory_objects.keys(names.job(*done.ref))]
    assert len(before) == 6
    office.leftovers.outdated("default")
    assert [*office.house.memory_objects.keys(names.job(*done.ref))] == before
