"""Evaluations, as the state machine and the schedule have them worked on."""

from dataclasses import replace
from typing import Any

import pytest

from personalizer import bootstrap
from personalizer.adapters.dynamodb import DynamoJobs
from personalizer.domain import names
from personalizer.domain.evaluation.job import Job, Status
from personalizer.domain.loop import Optimization
from personalizer.errors import JobFailed
from tests import stack
from tests.factories import a_job
from tests.functions.conftest import Said, Service, example


@pytest.fixture
def jobs(service: Service) -> DynamoJobs:
    return DynamoJobs(stack.client("dynamodb"), service.environment["LOOPS_TABLE"])


@pytest.fixture
def job(jobs: DynamoJobs, loop: str) -> Job:
    job = a_job(loop=loop, created_at=bootstrap.now())
    jobs.create(job)
    return job


def now_of(jobs: DynamoJobs, job: Job) -> Job:
    found = jobs.get(job.loop, job.kind, job.id)
    assert found
    return found


def a_task(name: str, job: Job, **more: Any) -> dict[str, Any]:
    """As the machine asks for it."""
    return {"task": name, **job.ref._asdict(), **more}


def test_an_evaluation_of_nothing_says_so(service: Service, jobs: DynamoJobs, job: Job) -> None:
    with pytest.raises(JobFailed):
        service("evaluation", a_task("plan", job))
    assert now_of(jobs, job).status is Status.FAILED
    assert "nothing in the log" in now_of(jobs, job).reason


@pytest.mark.parametrize(
    ("error", "status"),
    [
        ("ObjectCorrupt", Status.FAILED),
        ("States.Timeout", Status.TIMEOUT),
        ("Sandbox.Timedout", Status.TIMEOUT),
    ],
)
def test_a_task_that_failed_ends_its_evaluation(
    service: Service, jobs: DynamoJobs, job: Job, error: str, status: Status
) -> None:
    assert service("evaluation", a_task("fail", job, error=error)) == {}
    assert now_of(jobs, job).status is status
    assert error in now_of(jobs, job).reason


def test_an_evaluation_that_is_gone_has_no_end(service: Service, loop: str) -> None:
    assert service("evaluation", a_task("fail", a_job(loop=loop), error="Any")) == {}


def test_nobody_does_what_is_no_task(service: Service, job: Job) -> None:
    with pytest.raises(ValueError, match="no task"):
        service("evaluation", a_task("dance", job))


@pytest.mark.parametrize("end", ["ABORTED", "FAILED", "TIMED_OUT"])
def test_an_evaluation_ends_with_its_run(
    service: Service, jobs: DynamoJobs, job: Job, end: str
) -> None:
    run = names.run(*job.ref)
    service("evaluation", {"task": "settle", "execution": run, "status": end})
    expected = {"ABORTED": "Canceled", "FAILED": "Failed", "TIMED_OUT": "Timeout"}
    assert now_of(jobs, job).status == expected[end]


def test_the_example_tends_to_every_loop(
    service: Service, jobs: DynamoJobs, job: Job, said: Said
) -> None:
    stuck = replace(job, id="stuck", created_at=bootstrap.now() - 3_600_000)
    jobs.create(stuck)
    assert service("evaluation", example("evaluation")) is None
    assert now_of(jobs, stuck).status is Status.RUNNING
    assert said.metrics()["RolledBack"] == 0
    (line,) = [line for line in said.lines() if line.get("message") == "tended"]
    assert line["stragglers"] == [job.loop]


def test_a_loop_that_is_due_and_has_too_little_to_show_says_so(
    service: Service, said: Said
) -> None:
    due = Optimization(enabled=True, starts_at=1)
    loop = service.new_loop(optimization=due)
    service("evaluation", example("evaluation"))
    lines = [line for line in said.lines() if line.get("message") == "optimisation due"]
    (line,) = [line for line in lines if line["loop"] == loop]
    assert (line["started"], line["reason"]) == (False, "0 events since then, of at least 1000")
