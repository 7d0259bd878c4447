"""Status, and every path that is none, as API Gateway calls them."""

import json
from decimal import Decimal
from typing import Any

import pytest

from tests.factories import is_error_model
from tests.functions.conftest import Service, call

RANK = {"eventId": "e-1", "actions": [{"id": "a", "features": [{"x": 1}]}]}


def at(path: str, method: str = "GET") -> dict[str, Any]:
    event = call("management", "default", httpMethod=method, path=path)
    event["requestContext"]["path"] = "/v1" + path
    return event


def test_the_service_says_that_it_is_well(service: Service) -> None:
    answer = service("management", call("management", "default"))
    assert (answer["statusCode"], json.loads(answer["body"])["apiStatus"]) == (200, "Valid")


@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("/", "GET"),
        ("/personalizer/v1.0/rank", "GET"),
        ("/personalizer/v1.0/evaluations", "PATCH"),
        ("/personalizer/v1.0/status", "DELETE"),
        ("/personalizer/v1.0/status/more", "GET"),
        ("/v1/personalizer/v1.0/status", "GET"),
    ],
)
def test_any_other_path_is_not_found(service: Service, path: str, method: str) -> None:
    answer = service("management", at(path, method))
    error = json.loads(answer["body"])
    assert (answer["statusCode"], error["error"]["code"]) == (404, "ResourceNotFound")
    assert is_error_model(error)


def test_doubled_slashes_lead_to_the_same_path_without_them(service: Service) -> None:
    answer = service("management", at("//personalizer//v1.0/status"))
    assert answer["statusCode"] == 308
    assert answer["headers"]["Location"] == "/v1/personalizer/v1.0/status"


def test_a_rank_with_doubled_slashes_is_sent_where_it_belongs(service: Service) -> None:
    answer = service("management", at("//personalizer/v1.0/rank", "POST"))
    found = (answer["statusCode"], answer["headers"]["Location"])
    assert found == (308, "/v1/personalizer/v1.0/rank")


def test_no_path_leads_to_another_host(service: Service) -> None:
    event = at("//example.com/")
    event["requestContext"]["path"] = "//example.com/"
    assert service("management", event)["headers"]["Location"] == "/example.com/"


SETTINGS = {
    "rewardWaitTime": "PT1H",
    "defaultReward": 0.25,
    "rewardAggregation": "sum",
    "explorationPercentage": 0.2,
    "modelExportFrequency": "PT1M",
    "logRetentionDays": 30,
    "modelRetrainDays": 7,
}


def send(
    service: Service, loop: str, method: str, path: str, body: object = None
) -> tuple[int, Any, dict[str, str]]:
    """Status, body and headers of the answer to a call of this loop's owner."""
    event = call("management", loop, body, httpMethod=method, path=f"/personalizer{path}")
    answer = service("management", event)
    return answer["statusCode"], json.loads(answer["body"] or "null"), answer["headers"]


VERSIONS = ["/v1.0", "/v1.1-preview.1", "/v1.1-preview.2", "/v1.1-preview.3", ""]


@pytest.mark.parametrize("version", VERSIONS)
def test_settings_are_put_and_got(service: Service, loop: str, version: str) -> None:
    path = f"{version}/configurations/service"
    status, put, headers = send(service, loop, "PUT", path, SETTINGS)
    assert (status, headers["X-Personalizer-Model"]) == (200, "goes on")
    assert put["explorationPercentage"] == 0.2
    assert send(service, loop, "GET", path)[:2] == (200, put)


def test_settings_are_in_force_at_the_next_rank(service: Service) -> None:
    loop = service.new_loop()
    send(service, loop, "PUT", "/configurations/service", SETTINGS)
    service("rank", call("rank", loop, RANK))
    event = service.event(loop, "e-1")
    assert event.deadline - event.ranked_at == 3_600_000
    assert event.default_reward == Decimal("0.25")
    assert event.floor == 0.2


def test_a_refused_setting_changes_nothing(service: Service, loop: str) -> None:
    before = send(service, loop, "GET", "/configurations/service")
    bad = SETTINGS | {"logRetentionDays": 1}
    status, error, headers = send(service, loop, "PUT", "/configurations/service", bad)
    assert (status, error["error"]["code"]) == (400, "InvalidLogRetentionDays")
    assert headers["x-ms-error-code"] == "InvalidLogRetentionDays"
    assert send(service, loop, "GET", "/configurations/service") == before


def test_a_version_hears_no_code_that_it_does_not_have(service: Service, loop: str) -> None:
    bad = SETTINGS | {"logRetentionDays": 1}
    _, error, headers = send(service, loop, "PUT", "/v1.0/configurations/service", bad)
    assert error["error"]["code"] == "InvalidServiceConfiguration"
    assert error["error"]["innerError"]["code"] == "InvalidLogRetentionDays"
    assert "x-ms-error-code" not in headers


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("POST", "/multislot/rank", 400, "InvalidMultiSlotApiAccess"),
        ("POST", "/multislot/events/e/reward", 400, "InvalidMultiSlotApiAccess"),
        ("POST", "/multislot/events/e/activate", 400, "InvalidMultiSlotApiAccess"),
        ("POST", "/logs/interactions", 403, "InvalidApiAccess"),
        ("POST", "/logs/observations", 403, "InvalidApiAccess"),
    ],
)
def test_what_is_not_there_yet_says_so_in_the_contracts_words(
    service: Service, method: str, path: str, status: int, code: str
) -> None:
    found, error, _ = send(service, "default", method, path)
    assert (found, error["error"]["code"]) == (status, code)
    assert is_error_model(error)
