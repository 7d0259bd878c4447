"""What every runner of evaluations promises."""

import json
import re
from typing import Any

import pytest

from personalizer.adapters.memory_jobs import MemoryRunner
from personalizer.adapters.stepfunctions import StepFunctionsRunner
from personalizer.domain import names
from personalizer.domain.evaluation.job import Kind
from personalizer.errors import ServiceUnavailable
from personalizer.ports import Runner
from tests import stack
from tests.factories import NOW, a_job


@pytest.fixture(scope="module")
def stepfunctions(aws: None) -> Any:
    return stack.client("stepfunctions")


@pytest.fixture
def machine(aws: None) -> str:
    return stack.make_machine()


@pytest.fixture(params=["memory", "stepfunctions"])
def runner(request: pytest.FixtureRequest) -> Runner:
    if request.param == "memory":
        return MemoryRunner()
    return StepFunctionsRunner(*map(request.getfixturevalue, ("stepfunctions", "machine")))


def test_a_job_that_is_started_again_has_one_run(runner: Runner) -> None:
    assert runner.start(a_job()) == runner.start(a_job())


@pytest.mark.parametrize(
    "other",
    [
        a_job(loop="another"),
        a_job(kind=Kind.FEATURES),
        a_job(id="e-2"),
        a_job(created_at=NOW + 1),
    ],
)
def test_another_job_has_another_run(runner: Runner, other: Any) -> None:
    assert runner.start(other) != runner.start(a_job())


def test_the_name_of_a_run_tells_the_loop(runner: Runner) -> None:
    name = runner.start(a_job(loop="a-loop-with-dashes"))
    assert names.loop_of_run(name) == "a-loop-with-dashes"


def test_any_job_has_a_run(runner: Runner) -> None:
    name = runner.start(a_job(loop="l" * 40, id="ü/ \n" * 64))
    assert re.fullmatch("[a-z0-9-]{1,80}", name)


def test_what_is_not_there_or_over_is_stopped_already(runner: Runner) -> None:
    run = runner.start(a_job())
    for _ in range(2):
        runner.stop(run)
    runner.stop("nothing")


def test_step_functions_is_told_the_job_and_nothing_else(stepfunctions: Any, machine: str) -> None:
    name = StepFunctionsRunner(stepfunctions, machine).start(a_job())
    (run,) = stepfunctions.list_executions(stateMachineArn=machine)["executions"]
    found = stepfunctions.describe_execution(executionArn=run["executionArn"])
    assert (found["name"], found["status"]) == (name, "RUNNING")
    assert json.loads(found["input"]) == a_job().ref._asdict()


def test_a_run_that_is_stopped_is_aborted(stepfunctions: Any, machine: str) -> None:
    runner = StepFunctionsRunner(stepfunctions, machine)
    runner.stop(runner.start(a_job()))
    (run,) = stepfunctions.list_executions(stateMachineArn=machine)["executions"]
    assert run["status"] == "ABORTED"


def test_a_machine_that_is_not_there_is_a_fault(stepfunctions: Any, machine: str) -> None:
    runner = StepFunctionsRunner(stepfunctions, f"{machine}-other")
    with pytest.raises(ServiceUnavailable, match="start evaluation"):
        runner.start(a_job())
