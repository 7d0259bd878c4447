"""Evaluations over HTTP, run by the stack's own state machine."""

import json
import random
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import httpx
import pytest

from cli.local import environment, places, stack
from cli.local import loop as loops
from cli.local.loop import Loop
from cli.steps import run
from tests.e2e.loops import eventually
from tests.unit.test_wire_line import line

EVENTS = 400
YESTERDAY = datetime.now(UTC) - timedelta(days=1)


def a_log(events: int) -> Iterator[bytes]:
    """Of decisions by lot among two actions, of which the first pays at night, the other by day."""
    luck = random.Random(7)
    for number in range(events):
        hour, first, other = luck.choice(("day", "night")), *luck.sample((1, 2), 2)
        paid = float((first == 1) == (hour == "night"))
        shown = [{"_tag": name, "j": [{"name": name}]} for name in ("owl", "lark")]
        at = YESTERDAY + timedelta(seconds=number)
        yield line(
            _label_cost=-paid,
            _original_label_cost=-paid,
            _label_probability=0.5,
            _label_Action=first,
            _labelIndex=first - 1,
            o=[{"v": paid, "EventId": f"e-{number}"}],
            EventId=f"e-{number}",
            Timestamp=at.isoformat(),
            a=[first, other],
            p=[0.5, 0.5],
            c={"FromUrl": [{"hour": hour}], "_multi": shown},
        )


class Asked:
    """A loop that has learned this log, and what its owner asks of it."""

    def __init__(self, loop: Loop, folder: Path, events: int = EVENTS):
        self.loop = loop
        file = folder / "log.dsjson"
        file.write_bytes(b"\n".join(a_log(events)))
        variables = environment.of_the_tools(loop.port) | stack.settings(loop.outputs)
        command = [sys.executable, "-m", "cli", "logs", "import", "--loop", loop.name, str(file)]
        run(command, env=variables, cwd=places.ROOT)

    def aws(self, service: str) -> Any:
        return boto3.client(  # type: ignore[call-overload]
            service,
            endpoint_url=f"http://127.0.0.1:{self.loop.port}",
            region_name=environment.REGION,
            aws_access_key_id=environment.ANYONE,
            aws_secret_access_key=environment.ANYONE,
        )

    def call(self, method: str, path: str, **more: Any) -> httpx.Response:
        headers = {"Ocp-Apim-Subscription-Key": self.loop.key}
        url = f"{self.loop.url}/personalizer{path}"
        return httpx.request(method, url, headers=headers, timeout=30, **more)

    def evaluate(self, **more: Any) -> str:
        """The id of an evaluation of all of the log."""
        name = f"evaluation-{uuid4().hex[:8]}"
        start, end = YESTERDAY - timedelta(hours=1), YESTERDAY + timedelta(hours=1)
        wanted = {"name": name, "startTime": start.isoformat(), "endTime": end.isoformat(), **more}
        answer = self.call("PUT", f"/evaluations/{name}", json={"policies": [], **wanted})
        assert answer.status_code == httpx.codes.OK, answer.text
        return name

    def told(self, name: str) -> dict[str, Any]:
        listed = self.call("GET", "/evaluations").json()["value"]
        (found,) = [each for each in listed if each["id"] == name]
        return dict(found)

    def ended(self, name: str) -> str:
        """What its status is in the end."""

        def status() -> str | None:
            found = str(self.told(name)["status"])
            return None if found in ("Running", "NotSubmitted") else found

        return eventually(120, status)

    def tend(self) -> None:
        """As the schedule does once an hour."""
        functions = self.aws("lambda").list_functions()["Functions"]
        (name,) = [
            f["FunctionName"] for f in functions if "EvaluationFunction" in f["FunctionName"]
        ]
        answer = self.aws("lambda").invoke(FunctionName=name, Payload=json.dumps({"task": "tend"}))
        assert "FunctionError" not in answer, answer["Payload"].read()

    def runs(self) -> list[dict[str, Any]]:
        """Of all evaluations of this loop, newest first."""
        machine = self.loop.outputs["EvaluationMachine"]
        found = self.aws("stepfunctions").list_executions(stateMachineArn=machine)["executions"]
        return [each for each in found if each["name"].startswith(f"{self.loop.name}-")]


@pytest.fixture(scope="module")
def asked(local: None, tmp_path_factory: pytest.TempPathFactory) -> Asked:
    return Asked(loops.new("evaluated"), tmp_path_factory.mktemp("log"))


def test_policies_are_compared(asked: Asked) -> None:
    custom = {"name": "greedy", "arguments": "--cb_explore_adf --cb_type mtr -q ::"}
    name = asked.evaluate(policies=[custom])
    assert asked.ended(name) == "Succeeded"

    span = {"startTime": YESTERDAY.isoformat(), "endTime": datetime.now(UTC).isoformat()}
    results = asked.call("GET", f"/evaluations/{name}", params=span).json()["content"]["value"]
    earned = {each["name"]: each["summary"]["expectedReward"] for each in results}
    assert earned["online"] == pytest.approx(0.5, abs=0.1)
    assert earned["greedy"] > 0.8
    assert asked.runs()[0]["status"] == "SUCCEEDED"


def test_an_evaluation_may_look_for_better_policies(asked: Asked) -> None:
    assert asked.ended(asked.evaluate(enablePolicyOptimization=True)) == "Succeeded"


def test_an_evaluation_whose_run_is_stopped_is_canceled(asked: Asked) -> None:
    name = asked.evaluate(enablePolicyOptimization=True)
    (running,) = [each for each in asked.runs() if each["status"] == "RUNNING"]
    asked.aws("stepfunctions").stop_execution(executionArn=running["executionArn"])
    assert asked.ended(name) == "Canceled"


def test_an_evaluation_that_is_deleted_runs_no_more(asked: Asked) -> None:
    name = asked.evaluate(enablePolicyOptimization=True)
    (running,) = [each for each in asked.runs() if each["status"] == "RUNNING"]
    assert asked.call("DELETE", f"/evaluations/{name}").status_code == httpx.codes.NO_CONTENT
    (run_of_it,) = [each for each in asked.runs() if each["name"] == running["name"]]
    assert run_of_it["status"] == "ABORTED"


def test_what_matters_is_found_out(asked: Asked) -> None:
    name = f"features-{uuid4().hex[:8]}"
    span = {"startTime": YESTERDAY - timedelta(hours=1), "endTime": YESTERDAY + timedelta(hours=1)}
    wanted = {"name": name, **{key: at.isoformat() for key, at in span.items()}}
    answer = asked.call("PUT", f"/featureImportances/{name}", json=wanted)
    assert answer.status_code == httpx.codes.OK, answer.text

    def found() -> dict[str, Any] | None:
        told = dict(asked.call("GET", f"/featureImportances/{name}").json())
        return None if told["status"] in ("Running", "NotSubmitted") else told

    assert eventually(120, found)["status"] == "Succeeded"


def test_an_evaluation_without_a_log_fails(local: None, tmp_path: Path) -> None:
    asked = Asked(loops.new("robbed"), tmp_path)
    s3, bucket = asked.aws("s3"), asked.loop.outputs["DataBucket"]
    kept = s3.list_objects_v2(Bucket=bucket, Prefix=f"log/loop={asked.loop.name}/")["Contents"]
    for each in kept:
        s3.delete_object(Bucket=bucket, Key=each["Key"])
    name = asked.evaluate()
    assert asked.ended(name) == "Failed"
    eventually(10, lambda: asked.runs()[0]["status"] == "FAILED")


def test_a_better_policy_is_found_and_applied_unasked(local: None, tmp_path: Path) -> None:
    asked = Asked(loops.new("improved"), tmp_path, events=1_200)
    settings = asked.call("GET", "/v1.1-preview.3/configurations/service").json()
    settings |= {"isAutoOptimizationEnabled": True, "autoOptimizationStartDate": "2021-01-01"}
    answer = asked.call("PUT", "/v1.1-preview.3/configurations/service", json=settings)
    assert answer.status_code == httpx.codes.OK, answer.text
    before = asked.call("GET", "/v1.1-preview.3/configurations/policy").json()

    asked.tend()
    asked.tend()
    (found,) = asked.call("GET", "/evaluations").json()["value"]
    assert found["evaluationType"] == "Auto"
    assert asked.ended(found["id"]) == "OptimalPolicyApplied"
    assert asked.call("GET", "/v1.1-preview.3/configurations/policy").json() != before
    asked.tend()
