"""POST reward, and every POST without a route of its own, as API Gateway calls them."""

import json
from decimal import Decimal
from typing import Any

import pytest

from personalizer.domain.event import Aggregation, Event, Key, State, Stub
from tests.factories import an_event, is_error_model
from tests.functions.conftest import Service, call

LIVE = {"deadline": 2**42, "ranked_at": 2**42 - 600_000}
"""For about a century."""


def to(event_id: str) -> dict[str, Any]:
    return {"pathParameters": {"version": "v1.0", "eventId": event_id}}


def rank(service: Service, loop: str, event_id: str, **changes: Any) -> Event:
    return service.events.rank(an_event(key=Key(loop, event_id), **{**LIVE, **changes}))


def test_a_reward_settles_its_event(service: Service, loop: str) -> None:
    service("rank", call("rank", loop))
    answer = service("reward", call("reward", loop))
    assert (answer["statusCode"], answer["body"]) == (204, "")
    assert service.event(loop, "e-1").reward == Decimal("0.5")


def test_a_reward_for_an_unknown_event_waits_for_it(service: Service, loop: str) -> None:
    assert service("reward", call("reward", loop))["statusCode"] == 204
    assert isinstance(service.item(loop, "e-1"), Stub)


@pytest.mark.parametrize(
    ("sent", "event_id"),
    [("a%2Fb", "a/b"), ("a%252Fb", "a%2Fb"), ("a%20b", "a b"), ("a+b", "a+b"), ("%C3%A9", "é")],
)
def test_the_event_id_is_decoded_once(
    service: Service, loop: str, sent: str, event_id: str
) -> None:
    rank(service, loop, event_id)
    assert service("reward", call("reward", loop, **to(sent)))["statusCode"] == 204
    assert service.event(loop, event_id).state is State.FINAL


def test_a_repeated_reward_with_an_idempotency_key_counts_once(service: Service, loop: str) -> None:
    rank(service, loop, "e-1", aggregation=Aggregation.SUM, settles_early=False)
    for _ in range(2):
        service("reward", call("reward", loop, headers={"Idempotency-Key": "k"}))
    assert service.event(loop, "e-1").reward == Decimal("0.5")


def test_rewards_without_a_key_are_rewards_of_their_own(service: Service, loop: str) -> None:
    rank(service, loop, "e-1", aggregation=Aggregation.SUM, settles_early=False)
    for _ in range(2):
        service("reward", call("reward", loop))
    assert service.event(loop, "e-1").reward == 1


@pytest.mark.parametrize("body", ["", "{", "[]", "{}", '{"value":"x"}', '{"value":null}'])
@pytest.mark.parametrize("event_id", ["e-1", "e-2"])
def test_a_reward_that_is_none_is_refused(
    service: Service, loop: str, body: str, event_id: str
) -> None:
    answer = service("reward", call("reward", loop, body, **to(event_id)))
    assert answer["statusCode"] == 400
    assert is_error_model(json.loads(answer["body"]))
    assert service.written(loop) == []


@pytest.mark.parametrize("value", ["1.01", "-2", "NaN", "Infinity", "1e999"])
def test_a_reward_out_of_range_is_refused(service: Service, loop: str, value: str) -> None:
    answer = service("reward", call("reward", loop, f'{{"value":{value}}}'))
    assert answer["statusCode"] == 400
    assert service.written(loop) == []


@pytest.mark.parametrize("event_id", ["%FF", "x" * 257])
def test_an_id_that_cannot_be_one_is_refused(service: Service, loop: str, event_id: str) -> None:
    answer = service("reward", call("reward", loop, **to(event_id)))
    code = json.loads(answer["body"])["error"]["code"]
    assert (answer["statusCode"], code) == (400, "InvalidRewardRequest")
