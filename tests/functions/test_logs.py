"""What functions say of a request: that it was, how it went, and nothing that it held."""

from dataclasses import replace
from typing import Any

import pytest

from personalizer.domain.loop import ModelRef, ObjectRef
from tests.factories import NOW, a_body
from tests.functions.conftest import FUNCTIONS, REQUEST_ID, Said, Service, call, example
from tests.functions.test_reward import to

WHO = "alice@example.com"
SECRETS = [WHO, "illness", "0.123", "the-key-that", "action-7"]
PERSON = a_body(
    eventId=WHO,
    contextFeatures=[{"illness": "asthma"}],
    actions=[{"id": "action-7", "features": [{"f": 1}]}],
)


def calls(loop: str) -> dict[str, tuple[str, dict[str, Any]]]:
    """One call of each kind with something in it that is nobody's business."""
    half = '{"value":0.123,"illness":'
    return {
        "rank": ("rank", call("rank", loop, PERSON)),
        "refused rank": ("rank", call("rank", loop, PERSON | {"actions": ["illness"]})),
        "reward": ("reward", call("reward", loop, {"value": 0.123}, **to(WHO))),
        "refused reward": ("reward", call("reward", loop, half, **to(WHO))),
        "activate": ("activate", call("activate", loop, **to(WHO))),
        "unknown path": ("management", call("management", loop, path=f"/{WHO}")),
    }


@pytest.mark.parametrize("kind", calls(""))
def test_no_content_is_logged(service: Service, loop: str, said: Said, kind: str) -> None:
    service(*calls(loop)[kind])
    assert said.lines()
    assert [secret for secret in SECRETS if secret in str(said)] == []


@pytest.mark.parametrize("kind", ["rank", "reward", "activate"])
def test_a_call_is_one_line_with_its_metric_in_it(
    service: Service, loop: str, said: Said, kind: str
) -> None:
    service(*calls(loop)[kind])
    (line,) = said.lines()
    (measured,) = line["_aws"]["CloudWatchMetrics"]
    assert (line["loop"], measured["Dimensions"]) == (loop, [["loop", "service"]])


def test_a_line_names_the_invocation_that_it_is_of(service: Service, loop: str, said: Said) -> None:
    name, event = calls(loop)["rank"]
    service(name, event)
    (line,) = said.lines()
    assert line["function_request_id"] == REQUEST_ID


def test_one_persons_calls_can_be_found_together(service: Service, loop: str, said: Said) -> None:
    for kind in ("rank", "reward"):
        service(*calls(loop)[kind])
    told = [line["event"] for line in said.lines() if "event" in line]
    assert len(told) == 2
    assert len(set(told)) == 1


@pytest.mark.parametrize("kind", ["refused rank", "refused reward", "unknown path"])
def test_a_refusal_is_counted_and_named(service: Service, loop: str, said: Said, kind: str) -> None:
    answer = service(*calls(loop)[kind])
    (line,) = [line for line in said.lines() if line.get("message") == "refused"]
    assert said.metrics()["Refused"] == 1
    assert line["status"] == answer["statusCode"]


def test_a_refusal_says_what_exactly_was_wrong(service: Service, loop: str, said: Said) -> None:
    service("rank", call("rank", loop, {"actions": []}))
    line = said.lines()[0]
    assert (line["code"], line["reason"]) == ("InvalidRankRequest", "ActionCountOutOfBounds")


def test_a_model_that_cannot_be_had_is_counted_and_the_rank_answered(
    service: Service, loop: str, said: Said
) -> None:
    head = service.head(loop)
    missing = ModelRef(1, ObjectRef("gen/nothing", "0" * 64), NOW)
    service.loops.advance(head, replace(head, generation=1, latest=missing))
    assert service("rank", call("rank", loop))["statusCode"] == 201
    assert said.metrics()["FailedRefreshes"] == 1


@pytest.mark.parametrize("name", sorted(set(FUNCTIONS) - {"authorize", "provision"}))
def test_every_function_counts_something_whenever_it_runs(
    service: Service, said: Said, name: str
) -> None:
    service(name, example(name))
    assert said.metrics()
