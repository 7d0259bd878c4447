"""POST activate, as API Gateway calls it."""

import json

import pytest

from personalizer.domain.event import State, Stub
from tests.factories import is_error_model
from tests.functions.conftest import Service, call
from tests.functions.test_reward import rank, to


def test_an_activated_event_is_pending(service: Service, loop: str) -> None:
    rank(service, loop, "e-1", state=State.INACTIVE)
    answer = service("activate", call("activate", loop))
    assert (answer["statusCode"], answer["body"]) == (204, "")
    assert service.event(loop, "e-1").state is State.PENDING


def test_an_unknown_event_may_be_activated(service: Service, loop: str) -> None:
    assert service("activate", call("activate", loop))["statusCode"] == 204
    assert isinstance(service.item(loop, "e-1"), Stub)


@pytest.mark.parametrize(("sent", "event_id"), [("a%2Fb", "a/b"), ("a%252Fb", "a%2Fb")])
def test_the_event_id_is_decoded_once(
    service: Service, loop: str, sent: str, event_id: str
) -> None:
    rank(service, loop, event_id, state=State.INACTIVE)
    service("activate", call("activate", loop, **to(sent)))
    assert service.event(loop, event_id).state is State.PENDING


@pytest.mark.parametrize("event_id", ["%FF", "x" * 257])
def test_an_id_that_cannot_be_one_is_refused(service: Service, loop: str, event_id: str) -> None:
    answer = service("activate", call("activate", loop, **to(event_id)))
    error = json.loads(answer["body"])
    assert (answer["statusCode"], error["error"]["code"]) == (400, "InvalidEventIdToActivate")
    assert is_error_model(error)
    assert service.written(loop) == []
