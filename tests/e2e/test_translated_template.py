"""What SAM makes of the template: what the emulator does not carry out is looked at here."""

import json
from typing import Any

import pytest

from tests.e2e.translated import Resources, of_type, translated

KEY = {"Fn::GetAtt": ["DataKey", "Arn"]}


@pytest.fixture(scope="module")
def resources() -> Resources:
    return translated()


@pytest.fixture(scope="module")
def api(resources: Resources) -> dict[str, Any]:
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


def test_there_is_one_stage(resources: Resources) -> None:
    stages = of_type(resources, "AWS::ApiGateway::Stage")
    assert [stage["StageName"] for stage in stages] == ["v1"]
    (deployment,) = of_type(resources, "AWS::ApiGateway::Deployment")
    assert "StageName" not in deployment


def test_functions_run_on_arm_by_default(resources: Resources) -> None:
    functions = of_type(resources, "AWS::Lambda::Function")
    assert {function["Architectures"][0]["Ref"] for function in functions} == {"Architecture"}
    assert {function["Runtime"] for function in functions} == {"python3.13"}


def test_every_stream_reader_keeps_what_it_gives_up(resources: Resources) -> None:
    mappings = of_type(resources, "AWS::Lambda::EventSourceMapping")
    assert len(mappings) == 2
    for mapping in mappings:
        kept_in = mapping["DestinationConfig"]["OnFailure"]["Destination"]
        assert kept_in == {"Fn::GetAtt": ["QuarantineBucket", "Arn"]}


def test_every_function_logs_to_a_group_of_its_own_for_a_limited_time(
    resources: Resources,
) -> None:
    functions = of_type(resources, "AWS::Lambda::Function")
    groups = {function["LoggingConfig"]["LogGroup"]["Ref"] for function in functions}
    assert len(groups) == len(functions)
    for group in groups:
        assert resources[group]["Properties"]["RetentionInDays"] == {"Ref": "LogRetentionDays"}
        assert resources[group]["Properties"]["KmsKeyId"] == KEY
