"""Status, and every path that is none, as API Gateway calls them."""

import json
from typing import Any

import pytest

from tests.factories import is_error_model
from tests.functions.conftest import Service, call


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
        ("/personalizer/v1.0/evaluations", "POST"),
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
