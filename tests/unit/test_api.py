"""Between API Gateway's events and the operations."""

import base64
import json
from collections.abc import Callable, Collection
from typing import Any

import pytest

from personalizer import api
from personalizer.api import Request, Response, anonymous
from personalizer.domain.access import ADMINISTERING, MANAGING, RANKING, Role
from personalizer.domain.event import Key
from personalizer.errors import LoopNotFound, LostRace, RequestError
from personalizer.wire.errors import refused
from tests.factories import is_error_model


def a_call(**changes: Any) -> dict[str, Any]:
    return {
        "httpMethod": "POST",
        "path": "/personalizer/v1.0/events/a%2Fb/reward",
        "headers": {"Ocp-Apim-Subscription-Key": "key", "Content-Type": "application/json"},
        "pathParameters": {"eventId": "a%2Fb"},
        "requestContext": {
            "authorizer": {"loop": "default", "role": "manage"},
            "path": "/v1/personalizer/v1.0/events/a%2Fb/reward",
        },
        "body": "{}",
        "isBase64Encoded": False,
        **changes,
    }


def answer(event: dict[str, Any], operation: Callable[[Request], Response]) -> dict[str, Any]:
    """Of an operation that is for every key of a loop."""
    return api.answer(event, operation, allowed=RANKING)


def failing(error: Exception) -> dict[str, Any]:
    def operation(request: Request) -> Response:
        raise error

    return answer(a_call(), operation)


def test_the_loop_is_the_one_that_the_key_opens() -> None:
    assert Request(a_call()).loop == "default"


def test_a_text_body_is_its_bytes() -> None:
    assert Request(a_call(body='{"ü":1}')).body == '{"ü":1}'.encode()


def test_a_binary_body_is_decoded() -> None:
    body = base64.b64encode(b"\xef\xbb\xbf{}").decode()
    assert Request(a_call(body=body, isBase64Encoded=True)).body == b"\xef\xbb\xbf{}"


def test_no_body_is_an_empty_one() -> None:
    assert Request(a_call(body=None)).body == b""


def test_a_body_that_is_no_text_is_left_for_the_decoder_to_refuse() -> None:
    assert Request(a_call(body="\ud800")).body == b"\xed\xa0\x80"


@pytest.mark.parametrize("name", ["idempotency-key", "Idempotency-Key", "IDEMPOTENCY-KEY"])
def test_the_case_of_a_header_does_not_matter(name: str) -> None:
    assert Request(a_call(headers={name: "k"})).header("idempotency-key") == "k"


@pytest.mark.parametrize("headers", [None, {}])
def test_an_absent_header_is_none(headers: object) -> None:
    assert Request(a_call(headers=headers)).header("idempotency-key") is None


def test_the_key_of_an_event_is_its_loop_and_its_decoded_id() -> None:
    assert Request(a_call()).key("InvalidRewardRequest") == Key("default", "a/b")


def test_an_answer_has_the_operations_status_body_and_headers() -> None:
    found = answer(a_call(), lambda request: Response(201, b'{"a":1}', {"Location": "/x"}))
    assert (found["statusCode"], found["body"]) == (201, '{"a":1}')
    assert found["headers"]["Location"] == "/x"


def test_every_answer_allows_other_origins() -> None:
    for found in (answer(a_call(), lambda r: Response(204)), failing(LoopNotFound("x"))):
        assert found["headers"]["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (refused("InvalidRankRequest", "EmptyActionId"), 400, "InvalidRankRequest"),
        (RequestError(404, "ResourceNotFound", "Gone."), 404, "ResourceNotFound"),
        (LoopNotFound("x"), 404, "ResourceNotFound"),
        (LostRace("x"), 503, "OperationNotAllowed"),
    ],
)
def test_an_error_is_answered_in_the_contracts_envelope(
    error: Exception, status: int, code: str
) -> None:
    found = failing(error)
    body = json.loads(found["body"])
    assert (found["statusCode"], body["error"]["code"]) == (status, code)
    assert is_error_model(body)


def test_a_passing_fault_asks_to_try_again() -> None:
    assert failing(LostRace("x"))["headers"]["Retry-After"] == "1"


def test_what_nobody_expected_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        failing(ZeroDivisionError())


def test_an_event_id_in_a_log_does_not_tell_whose_it_is() -> None:
    assert "alice" not in anonymous("alice")
    assert anonymous("alice") == anonymous("alice") != anonymous("bob")


def called_with(role: object, allowed: Collection[Role], **changes: Any) -> dict[str, Any]:
    event = a_call(**changes)
    event["requestContext"]["authorizer"]["role"] = role
    return api.answer(event, lambda request: Response(204), allowed=allowed)


@pytest.mark.parametrize(
    ("allowed", "roles"),
    [(RANKING, {"rank", "manage"}), (MANAGING, {"manage"}), (ADMINISTERING, {"admin"})],
)
def test_an_operation_is_for_its_roles_alone(allowed: Collection[Role], roles: set[str]) -> None:
    assert {r for r in Role if called_with(r.value, allowed)["statusCode"] == 204} == roles


def test_a_key_used_where_it_may_not_be_is_refused_in_the_envelope() -> None:
    found = called_with("rank", MANAGING, path="/personalizer/v1.1-preview.3/model")
    error = json.loads(found["body"])
    assert (found["statusCode"], error["error"]["code"]) == (403, "InvalidApiAccess")
    assert is_error_model(error)


@pytest.mark.parametrize("role", [None, "", "owner", "Manage"])
def test_a_role_that_there_is_not_opens_nothing(role: object) -> None:
    with pytest.raises(ValueError, match="Role"):
        called_with(role, set(Role))


def test_doubled_slashes_lead_where_the_key_may_be_allowed() -> None:
    found = called_with("rank", MANAGING, path="//personalizer/v1.0/rank")
    assert found["statusCode"] == 308


def test_doubled_slashes_that_led_to_the_operation_lead_nowhere_else() -> None:
    found = called_with("rank", RANKING, path="//personalizer/v1.0/rank")
    assert found["statusCode"] == 204
