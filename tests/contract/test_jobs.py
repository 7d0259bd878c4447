"""What every store of evaluations promises."""

from dataclasses import replace
from typing import Any

import pytest

from personalizer.adapters.dynamodb import DynamoJobs
from personalizer.domain.evaluation.job import Job, Kind, Named, Status
from personalizer.errors import InfrastructureError, LoopNotFound, ObjectCorrupt
from personalizer.ports import Jobs, Loops
from tests import stack
from tests.contract.clients import Deaf, Repeating
from tests.factories import NOW, a_head, a_job, a_loop_state

RUNNING = a_job(status=Status.RUNNING, execution="run-1")


@pytest.fixture
def loop(loops: Loops) -> Loops:
    """A store in which there is a loop."""
    loops.create("default", a_loop_state())
    return loops


@pytest.mark.parametrize("job_id", ["id", "a/b c", "x" * 256, "ü" * 256, "😀" * 256, "#"])
def test_a_job_is_read_as_it_was_made(loop: Loops, jobs: Jobs, job_id: str) -> None:
    job = a_job(id=job_id, policies=(Named("a", "--cb_explore_adf"), Named("b", "", 3)))
    assert jobs.create(job)
    assert jobs.get("default", Kind.EVALUATION, job_id) == job


def test_there_is_none_that_nobody_made(loop: Loops, jobs: Jobs) -> None:
    jobs.create(a_job())
    assert jobs.get("default", Kind.EVALUATION, "other") is None
    assert jobs.get("default", Kind.FEATURES, "e-1") is None
    assert jobs.get("other", Kind.EVALUATION, "e-1") is None


def test_a_job_is_not_made_twice(loop: Loops, jobs: Jobs) -> None:
    jobs.create(a_job())
    assert not jobs.create(a_job(name="another"))
    assert jobs.get("default", Kind.EVALUATION, "e-1") == a_job()


def test_both_kinds_may_have_one_of_the_same_id(loop: Loops, jobs: Jobs) -> None:
    assert jobs.create(a_job())
    assert jobs.create(a_job(kind=Kind.FEATURES))


def test_a_loop_that_is_not_there_gets_no_job(loops: Loops, jobs: Jobs) -> None:
    with pytest.raises(LoopNotFound):
        jobs.create(a_job())


def test_the_newest_come_first(loop: Loops, jobs: Jobs) -> None:
    for number in (2, 3, 1):
        jobs.create(a_job(id=f"e-{number}", created_at=NOW + number))
    jobs.create(a_job(id="f", kind=Kind.FEATURES))
    assert [job.id for job in jobs.of("default", Kind.EVALUATION)] == ["e-3", "e-2", "e-1"]
    assert [job.id for job in jobs.of("default", Kind.FEATURES)] == ["f"]
    assert [*jobs.of("other", Kind.EVALUATION)] == []


def test_a_job_is_replaced_while_it_is_as_it_was_found(loop: Loops, jobs: Jobs) -> None:
    jobs.create(a_job())
    assert jobs.replace(a_job(), RUNNING)
    assert jobs.get("default", Kind.EVALUATION, "e-1") == RUNNING


@pytest.mark.parametrize(
    "meanwhile",
    [
        replace(RUNNING, status=Status.CANCELED),
        replace(RUNNING, execution="run-2"),
    ],
)
def test_a_job_is_not_replaced_once_it_is_another(loop: Loops, jobs: Jobs, meanwhile: Job) -> None:
    jobs.create(RUNNING)
    assert jobs.replace(RUNNING, meanwhile)
    assert not jobs.replace(RUNNING, replace(RUNNING, status=Status.SUCCEEDED))
    assert jobs.get("default", Kind.EVALUATION, "e-1") == meanwhile


def test_another_job_of_the_same_id_is_not_replaced(loop: Loops, jobs: Jobs) -> None:
    jobs.create(a_job())
    jobs.delete("default", Kind.EVALUATION, "e-1")
    anew = a_job(created_at=NOW + 1)
    jobs.create(anew)
    assert not jobs.replace(a_job(), RUNNING)
    assert jobs.get("default", Kind.EVALUATION, "e-1") == anew


def test_a_job_that_is_gone_is_not_replaced(loop: Loops, jobs: Jobs) -> None:
    jobs.create(RUNNING)
    assert jobs.delete("default", Kind.EVALUATION, "e-1")
    assert not jobs.replace(RUNNING, replace(RUNNING, status=Status.SUCCEEDED))
    assert jobs.get("default", Kind.EVALUATION, "e-1") is None


def test_a_job_is_deleted_once_and_no_other(loop: Loops, jobs: Jobs) -> None:
    jobs.create(a_job())
    jobs.create(a_job(id="other"))
    assert jobs.delete("default", Kind.EVALUATION, "e-1")
    assert not jobs.delete("default", Kind.EVALUATION, "e-1")
    assert [job.id for job in jobs.of("default", Kind.EVALUATION)] == ["other"]


def test_the_jobs_of_a_deleted_loop_are_out_of_reach(loop: Loops, jobs: Jobs) -> None:
    jobs.create(a_job())
    loop.delete("default", NOW)
    assert jobs.get("default", Kind.EVALUATION, "e-1") is None
    assert [*jobs.of("default", Kind.EVALUATION)] == []


@pytest.mark.parametrize("is_deleted", [True, False])
def test_all_jobs_of_a_loop_are_forgotten_even_when_it_is_gone(
    loop: Loops, jobs: Jobs, is_deleted: bool
) -> None:
    loop.create("other", a_loop_state(head=a_head(loop="other")))
    made = [a_job(), a_job(id="e-2"), a_job(kind=Kind.FEATURES)]
    for job in (*made, a_job(loop="other")):
        jobs.create(job)
    if is_deleted:
        loop.delete("default", NOW)
    assert {job.ref for job in jobs.forget("default")} == {job.ref for job in made}
    assert [*jobs.forget("default")] == []
    assert len(jobs.of("other", Kind.EVALUATION)) == 1


def test_rank_reads_no_job(loop: Loops, jobs: Jobs) -> None:
    before = loop.state("default", consistent=True)
    jobs.create(a_job())
    assert loop.state("default", consistent=True) == before
    assert before.head == a_head()


# --------------------------------------------------------------------- on DynamoDB alone


@pytest.fixture
def repeating(loop: Loops, dynamodb: Any, loops_table: str) -> DynamoJobs:
    client: Any = Repeating(dynamodb)
    return DynamoJobs(client, loops_table)


@pytest.mark.parametrize("loops", ["dynamodb"], indirect=True)
def test_a_write_that_the_sdk_repeats_counts(repeating: DynamoJobs) -> None:
    repeating.create(a_job())
    assert repeating.replace(a_job(), RUNNING)


@pytest.mark.parametrize("loops", ["dynamodb"], indirect=True)
def test_a_write_without_an_answer_is_a_fault_of_the_infrastructure(
    loop: Loops, jobs: Jobs, dynamodb: Any, loops_table: str
) -> None:
    jobs.create(a_job())
    deaf: Any = Deaf(dynamodb)
    with pytest.raises(InfrastructureError):
        DynamoJobs(deaf, loops_table).replace(a_job(), RUNNING)


@pytest.mark.parametrize("loops", ["dynamodb"], indirect=True)
def test_a_job_of_a_later_version_is_said_to_be_unreadable(
    loop: Loops, jobs: Jobs, dynamodb: Any, loops_table: str
) -> None:
    jobs.create(a_job())
    (item,) = [
        item
        for item in dynamodb.scan(TableName=loops_table)["Items"]
        if item["pk"]["S"] == "evaluations#default"
    ]
    stack.client("dynamodb").put_item(TableName=loops_table, Item=item | {"v": {"N": "99"}})
    with pytest.raises(ObjectCorrupt):
        jobs.get("default", Kind.EVALUATION, "e-1")
