"""The end of evaluations whose run cannot tell it."""

from dataclasses import dataclass, field, replace

import pytest

from personalizer.adapters.memory_jobs import MemoryJobs, MemoryRunner
from personalizer.domain.evaluation.job import Job, Kind, Status
from personalizer.usecases.evaluation.settle import PATIENCE_MS, Settle, finish
from tests.factories import House, a_job

LIMIT_MS = 86_400_000
RUNNING = a_job(status=Status.RUNNING, execution="run")


@dataclass
class Scene:
    house: House = field(default_factory=House)
    runner: MemoryRunner = field(default_factory=MemoryRunner)

    def __post_init__(self) -> None:
        self.jobs = MemoryJobs(self.house.memory_loops)
        self.settle = Settle(self.jobs, self.runner, self.house.clock, LIMIT_MS)

    def found(self, job: Job = RUNNING) -> Job:
        found = self.jobs.get(job.loop, job.kind, job.id)
        assert found
        return found


@pytest.fixture
def scene() -> Scene:
    return Scene()


@pytest.mark.parametrize(
    ("end", "status"),
    [("ABORTED", Status.CANCELED), ("FAILED", Status.FAILED), ("TIMED_OUT", Status.TIMEOUT)],
)
def test_a_job_ends_as_its_run_did(scene: Scene, end: str, status: Status) -> None:
    scene.jobs.create(RUNNING)
    scene.jobs.create(a_job(kind=Kind.FEATURES, id="other", status=Status.RUNNING))
    assert scene.settle.ended(scene.runner.start(RUNNING), end) == RUNNING
    assert (scene.found().status, bool(scene.found().reason)) == (status, True)
    assert scene.jobs.of("default", Kind.FEATURES)[0].status is Status.RUNNING


def test_a_job_that_is_over_stays_as_it_is(scene: Scene) -> None:
    done = replace(RUNNING, status=Status.SUCCEEDED)
    scene.jobs.create(done)
    assert scene.settle.ended(scene.runner.start(done), "ABORTED") is None
    assert scene.found() == done


def test_a_run_of_a_job_that_is_gone_changes_nothing(scene: Scene) -> None:
    assert scene.settle.ended(scene.runner.start(RUNNING), "FAILED") is None
    scene.jobs.create(replace(RUNNING, created_at=RUNNING.created_at + 1))
    assert scene.settle.ended(scene.runner.start(RUNNING), "FAILED") is None


def test_who_is_late_does_not_overwrite_an_end(scene: Scene) -> None:
    scene.jobs.create(replace(RUNNING, status=Status.SUCCEEDED))
    assert not finish(scene.jobs, RUNNING, Status.FAILED, "late")
    assert scene.found().status is Status.SUCCEEDED


def test_who_is_late_does_not_end_another_job_of_the_same_id(scene: Scene) -> None:
    anew = replace(RUNNING, created_at=RUNNING.created_at + 1)
    scene.jobs.create(anew)
    assert not finish(scene.jobs, RUNNING, Status.FAILED, "late")
    assert scene.found() == anew


def test_a_job_that_began_meanwhile_is_ended_all_the_same(scene: Scene) -> None:
    scene.jobs.create(RUNNING)
    assert finish(scene.jobs, a_job(), Status.FAILED, "late")
    assert (scene.found().status, scene.found().execution) == (Status.FAILED, "run")


def test_a_run_that_takes_too_long_is_ended(scene: Scene) -> None:
    scene.jobs.create(RUNNING)
    scene.house.clock.now += LIMIT_MS + PATIENCE_MS
    assert scene.settle.stragglers("default") == []
    scene.house.clock.now += 1
    assert scene.settle.stragglers("default") == [RUNNING]
    assert (scene.found().status, scene.runner.stopped) == (Status.TIMEOUT, ["run"])
    assert scene.settle.stragglers("default") == []


def test_a_job_that_nobody_started_is_started(scene: Scene) -> None:
    scene.jobs.create(a_job())
    scene.house.clock.now += PATIENCE_MS
    assert scene.settle.stragglers("default") == []
    scene.house.clock.now += 1
    assert scene.settle.stragglers("default") == [a_job()]
    assert scene.runner.started == [a_job()]
    assert (scene.found().status, bool(scene.found().execution)) == (Status.RUNNING, True)
