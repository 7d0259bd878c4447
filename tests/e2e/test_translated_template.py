"""What SAM makes of the template: what the emulator does not carry out is looked at here."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
TRANSLATE = [ROOT / ".local/emulator/bin/python", ROOT / "tests/e2e/translate.py"]
WITH_WILDCARDS = {
    "AWSLambdaBasicExecutionRole",
    "AWSXrayWriteOnlyAccess",
    "AWSXRayDaemonWriteAccess",
}
ENVIRONMENT = {**os.environ, "AWS_DEFAULT_REGION": "us-east-1"}


@pytest.fixture(scope="module")
def resources() -> dict[str, dict[str, Any]]:
    done = subprocess.run(TRANSLATE, cwd=ROOT, env=ENVIRONMENT, capture_output=True, check=True)
    return dict(json.loads(done.stdout)["Resources"])


@pytest.fixture(scope="module")
def api(resources: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return dict(resources["Api"]["Properties"]["Body"])


def test_a_wrong_key_gets_azures_answer(api: dict[str, Any]) -> None:
    for kind in ("UNAUTHORIZED", "ACCESS_DENIED"):
        response = api["x-amazon-apigateway-gateway-responses"][kind]
        error = json.loads(response["responseTemplates"]["application/json"])["error"]
        assert response["statusCode"] == "401"
        assert error["code"] == "401"
        assert error["message"].startswith("Access denied due to invalid subscription key")


def test_an_unknown_path_gets_azures_answer(api: dict[str, Any]) -> None:
    response = api["x-amazon-apigateway-gateway-responses"]["MISSING_AUTHENTICATION_TOKEN"]
    error = json.loads(response["responseTemplates"]["application/json"])["error"]
    assert (response["statusCode"], error["code"]) == ("404", "ResourceNotFound")


def test_every_method_but_options_asks_for_the_key(api: dict[str, Any]) -> None:
    for path in api["paths"].values():
        for method, operation in path.items():
            assert ("SubscriptionKey" in str(operation.get("security"))) == (method != "options")


def test_there_is_one_stage(resources: dict[str, dict[str, Any]]) -> None:
    stages = _of_type(resources, "AWS::ApiGateway::Stage")
    assert [stage["StageName"] for stage in stages] == ["v1"]
    (deployment,) = _of_type(resources, "AWS::ApiGateway::Deployment")
    assert "StageName" not in deployment


def test_functions_run_on_arm_by_default(resources: dict[str, dict[str, Any]]) -> None:
    functions = _of_type(resources, "AWS::Lambda::Function")
    assert {function["Architectures"][0]["Ref"] for function in functions} == {"Architecture"}
    assert {function["Runtime"] for function in functions} == {"python3.13"}


def test_no_role_has_wildcards_but_for_log_lines_and_traces(
    resources: dict[str, dict[str, Any]],
) -> None:
    for role in _of_type(resources, "AWS::IAM::Role"):
        for policy in role.get("Policies", []):
            for statement in policy["PolicyDocument"]["Statement"]:
                assert "*" not in str(statement["Action"])
                assert statement["Resource"] != "*"
        managed = {
            str(arn).rstrip("'}").split("/")[-1] for arn in role.get("ManagedPolicyArns", [])
        }
        assert managed <= WITH_WILDCARDS | {"AmazonAPIGatewayPushToCloudWatchLogs"}


def _of_type(resources: dict[str, dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [each["Properties"] for each in resources.values() if each["Type"] == kind]
