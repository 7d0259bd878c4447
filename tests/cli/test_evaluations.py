"""`evaluations`: those that a deployed loop has, looked at and applied from the command line."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli.evaluation import jobs
from personalizer.domain.evaluation.job import Job, Kind, Status
from personalizer.domain.evaluation.result import ONLINE, EvaluationResult, FeatureResult
from personalizer.usecases.evaluation import results
from tests.cli.evaluated import a_policy, a_result, scores
from tests.cli.test_loops import Stack
from tests.factories import NOW
from tests.template.cloudformation import Template

MACHINE = "arn:aws:states:eu-west-1:123456789012:stateMachine:evaluation"


def a_job(job_id: str, kind: Kind = Kind.EVALUATION, status: Status = Status.SUCCEEDED) -> Job:
    return Job("default", kind, job_id, "Weekly", NOW, NOW + 1, NOW, "v1.0", 1, status=status)


@pytest.fixture
def deployed(template: Template, aws: None) -> Stack:
    """Its loop has one evaluation of each kind, and one that nobody has worked on yet."""
    stack = Stack(template)
    stack.environment["EVALUATION_MACHINE"] = MACHINE
    found: dict[Job, EvaluationResult | FeatureResult] = {
        a_job("e-1"): a_result(a_policy("mine", 0.4)),
        a_job("f-1", Kind.FEATURES): scores(("FromUrl", "hour", 0.1, 0.3)),
    }
    for job, result in found.items():
        stack.account.jobs.create(job)
        results.write(stack.account.objects, job, result)
    stack.account.jobs.create(a_job("e-2", status=Status.NOT_SUBMITTED))
    return stack


def run(deployed: Stack, command: str, *arguments: object) -> Result:
    given = [command, "--loop", "default", *map(str, arguments)]
    return CliRunner().invoke(jobs.app, given, env=deployed.environment)


def test_evaluations_are_listed_with_their_status(deployed: Stack) -> None:
    assert run(deployed, "list").stdout.splitlines() == [
        "e-2  2023-11-14T22:13:20.000000Z  NotSubmitted  Weekly",
        "e-1  2023-11-14T22:13:20.000000Z  Succeeded  Weekly",
    ]
    assert run(deployed, "list", "--features").stdout.startswith("f-1  ")


def test_what_one_found_is_shown_and_written_down(deployed: Stack, tmp_path: Path) -> None:
    done = run(deployed, "show", "e-1", "--out", tmp_path)
    assert done.exit_code == 0, done.output
    assert "Stay with what is served" in done.stdout
    told = json.loads((tmp_path / "report.json").read_bytes())
    assert told["title"] == "Offline evaluation of Weekly"
    assert "FromUrl" in run(deployed, "show", "f-1", "--features").stdout


def test_one_that_is_not_over_has_nothing_to_show(deployed: Stack) -> None:
    assert run(deployed, "show", "e-2").stdout.count("\n") == 1


def test_what_is_served_can_be_applied_and_stays(deployed: Stack) -> None:
    before = deployed.head
    done = run(deployed, "apply", "e-1", "--policy", ONLINE)
    assert done.stdout == "Loop default stays as it is.\n"
    assert deployed.head == before


@pytest.mark.parametrize(
    ("job", "policy", "told"),
    [
        ("e-1", "mine", "There is no model of mine"),
        ("e-1", "baseline1", "baseline1 is none that a loop could learn by"),
        ("e-2", "mine", "It has found nothing, yet or ever."),
        ("e-3", "mine", "There is no such evaluation"),
    ],
)
def test_what_cannot_be_applied_changes_nothing(
    deployed: Stack, job: str, policy: str, told: str
) -> None:
    before = deployed.head
    done = run(deployed, "apply", job, "--policy", policy)
    assert (done.exit_code, done.stdout) == (1, "")
    assert told in done.stderr
    assert deployed.head == before


def test_one_that_is_deleted_is_gone(deployed: Stack) -> None:
    assert run(deployed, "delete", "e-1").stdout == "It is gone.\n"
    done = run(deployed, "show", "e-1")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "There is no such evaluation" in done.stderr
    assert not [*deployed.account.objects.keys("evaluation/loop=default/")][1:]
