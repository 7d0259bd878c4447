"""What API Gateway answers by itself, and what it passes on."""

import json
from collections import defaultdict
from itertools import pairwise
from typing import Any

import pytest

from tests.template.cloudformation import Template

ANSWERS = {
    "UNAUTHORIZED": (401, "401"),
    "ACCESS_DENIED": (401, "401"),
    "THROTTLED": (429, "429"),
    "RESOURCE_NOT_FOUND": (404, "ResourceNotFound"),
    "MISSING_AUTHENTICATION_TOKEN": (404, "ResourceNotFound"),
    "REQUEST_TOO_LARGE": (400, "PayloadSizeExceeded"),
    "DEFAULT_4XX": (None, "BadRequest"),
    "DEFAULT_5XX": (None, "InternalServerError"),
}


@pytest.fixture
def api(template: Template) -> dict[str, Any]:
    return template.of_type("AWS::Serverless::Api")["Api"]


def test_every_answer_of_the_gateway_is_decided(api: dict[str, Any]) -> None:
    assert set(api["GatewayResponses"]) == set(ANSWERS)


@pytest.mark.parametrize("kind", ANSWERS)
def test_the_gateways_errors_look_like_azures(api: dict[str, Any], kind: str) -> None:
    response = api["GatewayResponses"][kind]
    error = json.loads(response["ResponseTemplates"]["application/json"])["error"]
    assert (response.get("StatusCode"), error["code"]) == ANSWERS[kind]
    assert error["message"].endswith(".")
    assert response["ResponseParameters"]["Headers"]["Access-Control-Allow-Origin"] == "'*'"


def test_a_throttled_caller_is_told_when_to_come_back(api: dict[str, Any]) -> None:
    throttled = api["GatewayResponses"]["THROTTLED"]
    assert throttled["ResponseParameters"]["Headers"]["Retry-After"] == "'1'"


def test_everything_but_a_preflight_needs_a_key(template: Template, api: dict[str, Any]) -> None:
    auth = api["Auth"]
    assert auth["AddDefaultAuthorizerToCorsPreflight"] is False
    authorizer = auth["Authorizers"][auth["DefaultAuthorizer"]]
    assert authorizer["Identity"]["Headers"] == ["Ocp-Apim-Subscription-Key"]
    events = [
        event for each in template.functions().values() for event in each.get("Events", {}).values()
    ]
    assert not [event for event in events if "Auth" in event["Properties"]]


def test_a_browser_may_send_the_key(api: dict[str, Any]) -> None:
    assert "Ocp-Apim-Subscription-Key" in api["Cors"]["AllowHeaders"]


def test_each_call_goes_to_its_function(template: Template) -> None:
    assert {
        ("POST", "/personalizer/{version}/rank", "rank"),
        ("POST", "/personalizer/{version}/events/{eventId}/reward", "reward"),
        ("POST", "/personalizer/{version}/events/{eventId}/activate", "activate"),
        ("POST", "/personalizer/rank", "rank"),
        ("POST", "/personalizer/multislot/rank", "management"),
        ("POST", "/personalizer/events/{eventId}/reward", "reward"),
        ("POST", "/personalizer/events/{eventId}/activate", "activate"),
    } <= set(template.routes())


def test_whatever_has_no_route_of_its_own_is_caught(template: Template) -> None:
    caught = {method: name for method, path, name in template.routes() if path == "/{proxy+}"}
    methods = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD"]
    assert caught == dict.fromkeys(methods, "management")


def test_no_level_of_the_paths_has_two_variables(template: Template) -> None:
    # API Gateway refuses such a REST API, and only when it is deployed.
    variables: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for _, path, _ in template.routes():
        parts = path.split("/")
        for length, (_, part) in enumerate(pairwise(parts), start=1):
            if part.startswith("{"):
                variables[tuple(parts[:length])].add(part)
    assert all(len(names) == 1 for names in variables.values())


def test_the_access_log_holds_no_ids_and_no_keys(api: dict[str, Any]) -> None:
    line = json.loads(api["AccessLogSetting"]["Format"])
    assert "$context.resourcePath" in line.values()
    assert not {"$context.path", "$context.identity.sourceIp"} & set(line.values())
    assert api["MethodSettings"][0]["DataTraceEnabled"] is False


def test_a_key_that_calls_too_often_gets_azures_answer(template: Template) -> None:
    acl = template.of_type("AWS::WAFv2::WebACL")["KeyRateAcl"]
    rule, _ = acl["Rules"]
    response = rule["Action"]["Block"]["CustomResponse"]
    body = json.loads(acl["CustomResponseBodies"][response["CustomResponseBodyKey"]]["Content"])
    headers = {each["Name"]: each["Value"] for each in response["ResponseHeaders"]}
    assert (response["ResponseCode"], body["error"]["code"]) == (429, "429")
    assert headers["Retry-After"] in body["error"]["message"]
    assert headers["Access-Control-Allow-Origin"] == "*"


def test_calls_are_counted_for_each_key(template: Template, api: dict[str, Any]) -> None:
    rule, _ = template.of_type("AWS::WAFv2::WebACL")["KeyRateAcl"]["Rules"]
    counted = rule["Statement"]["RateBasedStatement"]
    (header,) = api["Auth"]["Authorizers"]["SubscriptionKey"]["Identity"]["Headers"]
    assert [each["Header"]["Name"] for each in counted["CustomKeys"]] == [header.lower()]
    assert counted["Limit"] == {"Ref": "KeyRateLimit"}


def test_no_key_is_shown_in_a_sample_of_calls(template: Template) -> None:
    acl = template.of_type("AWS::WAFv2::WebACL")["KeyRateAcl"]
    for visible in (acl, *acl["Rules"]):
        assert visible["VisibilityConfig"]["SampledRequestsEnabled"] is False


def test_calls_are_counted_only_if_somebody_asks_for_it(template: Template) -> None:
    for name in ("KeyRateAcl", "KeyRateAssociation"):
        assert template.resources[name]["Condition"] == "LimitsKeys"
    assert template.document["Parameters"]["KeyRateLimit"]["Default"] == 0
