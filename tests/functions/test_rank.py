"""POST rank, as API Gateway calls it."""

import json
import random
from typing import Any

import pytest

from personalizer.domain.event import State
from tests.factories import a_body, is_error_model
from tests.functions.conftest import Service, call

CODE = "InvalidRankRequest"
ACTION = {"id": "a", "features": [{"f": 1}]}
INCOMPRESSIBLE = random.Random(7).randbytes(450_000).hex()


def with_features(*features: object) -> dict[str, Any]:
    return a_body(actions=[{"id": "a", "features": list(features)}])


def raw(features: str) -> str:
    return f'{{"actions":[{{"id":"a","features":[{{"f":{features}}}]}}]}}'


def nested(depth: int) -> object:
    return {"f": nested(depth - 1)} if depth else 1


BAD_INPUT: dict[str, tuple[str, object]] = {
    "no body": ("BadRequest", ""),
    "half a body": ("BadRequest", '{"actions":'),
    "two bodies": ("BadRequest", "{}{}"),
    "a list": (CODE, []),
    "a number": (CODE, 7),
    "null": (CODE, "null"),
    "no actions": (CODE, {}),
    "null for actions": (CODE, {"actions": None}),
    "an empty list of actions": (CODE, {"actions": []}),
    "an object for actions": (CODE, {"actions": {}}),
    "a null action": (CODE, {"actions": [None]}),
    "a string for an action": (CODE, {"actions": ["a"]}),
    "an action without id": (CODE, {"actions": [{"features": [{"f": 1}]}]}),
    "an action without features": (CODE, {"actions": [{"id": "a"}]}),
    "an empty action id": (CODE, {"actions": [ACTION | {"id": ""}]}),
    "an overlong action id": (CODE, {"actions": [ACTION | {"id": "x" * 257}]}),
    "a fractional action id": (CODE, {"actions": [ACTION | {"id": 1.5}]}),
    "51 actions": (CODE, {"actions": [ACTION | {"id": n} for n in range(51)]}),
    "an empty event id": (CODE, a_body(eventId="")),
    "an overlong event id": (CODE, a_body(eventId="x" * 257)),
    "an object for an event id": (CODE, a_body(eventId={})),
    "a string for deferActivation": (CODE, a_body(deferActivation="yes")),
    "every action excluded": (CODE, a_body(excludedActions=["a", "b", "c"])),
    "a string for excludedActions": (CODE, a_body(excludedActions="a")),
    "an object for the context": (CODE, a_body(contextFeatures={})),
    "a null in the context": (CODE, a_body(contextFeatures=[None])),
    "a string in the context": (CODE, a_body(contextFeatures=["x"])),
    "a feature without a name": (CODE, a_body(contextFeatures=[{"": 1}])),
    "a string for features": (CODE, with_features("x")),
    "a list for features": (CODE, with_features([1])),
    "no features": (CODE, with_features()),
    "null features": (CODE, with_features({"f": None})),
    "an array of strings": (CODE, with_features({"f": ["x"]})),
    "an array of objects": (CODE, with_features({"f": [{}]})),
    "an array of truths": (CODE, with_features({"f": [True]})),
    "features nested too deeply": (CODE, with_features(nested(40))),
    "features nested without end": ("BadRequest", raw("[" * 100_000)),
    "objects nested without end": ("BadRequest", raw('{"f":' * 100_000)),
    "not a number": ("BadRequest", raw("NaN")),
    "infinity": ("BadRequest", raw("Infinity")),
    "a number beyond all numbers": (CODE, raw("1e999")),
    "half a character, escaped": ("BadRequest", raw(r'"\ud800"')),
    "half a character": ("BadRequest", raw('"\ud800"')),
    "half a character for an event id": ("BadRequest", r'{"eventId":"\udc00","actions":[]}'),
    "too many features": (CODE, with_features({f"f{n}": 1 for n in range(10_001)})),
    "too many bytes": ("BadRequest", " " * (1024 * 1024 + 1)),
    "too many bytes to be kept": ("BadRequest", with_features({"f": INCOMPRESSIBLE})),
}


def test_a_rank_is_answered_and_kept(service: Service, loop: str) -> None:
    answer = service("rank", call("rank", loop))
    body = json.loads(answer["body"])
    assert answer["statusCode"] == 201
    assert body["eventId"] == "e-1"
    assert sum(action["probability"] for action in body["ranking"]) == pytest.approx(1)
    assert service.event(loop, "e-1").state is State.PENDING


def test_a_rank_says_which_model_ranked(service: Service, loop: str) -> None:
    answer = service("rank", call("rank", loop))
    assert answer["headers"]["X-Personalizer-Generation"] == "0"


def test_an_excluded_action_keeps_its_place_without_a_chance(service: Service, loop: str) -> None:
    ranking = json.loads(service("rank", call("rank", loop))["body"])["ranking"]
    assert ranking[2] == {"id": "weather", "probability": 0.0}


def test_a_retried_rank_gets_the_same_answer(service: Service, loop: str) -> None:
    first, again = (service("rank", call("rank", loop)) for _ in range(2))
    assert first == again


def test_a_rank_without_an_event_id_gets_one(service: Service, loop: str) -> None:
    answer = service("rank", call("rank", loop, a_body()))
    assert service.event(loop, json.loads(answer["body"])["eventId"])


@pytest.mark.parametrize("deferred", [{"deferActivation": True}, {"learningEnabled": False}])
def test_a_deferred_rank_waits_for_its_activation(
    service: Service, loop: str, deferred: dict[str, bool]
) -> None:
    service("rank", call("rank", loop, a_body(eventId="e-1", **deferred)))
    assert service.event(loop, "e-1").state is State.INACTIVE


def test_features_that_start_with_an_underscore_are_ignored(service: Service, loop: str) -> None:
    body = with_features({"f": 1, "_label_cost": -9, "_label_Action": 1, "_tag": "x"})
    assert service("rank", call("rank", loop, body))["statusCode"] == 201


@pytest.mark.parametrize("name", BAD_INPUT)
def test_bad_input_is_refused_and_leaves_nothing(service: Service, loop: str, name: str) -> None:
    code, body = BAD_INPUT[name]
    answer = service("rank", call("rank", loop, body))
    error = json.loads(answer["body"])
    assert (answer["statusCode"], error["error"]["code"]) == (400, code)
    assert is_error_model(error)
    assert service.written(loop) == []


def test_a_loop_that_is_gone_is_not_found(service: Service) -> None:
    answer = service("rank", call("rank", "no-such-loop"))
    assert answer["statusCode"] == 404
    assert is_error_model(json.loads(answer["body"]))


def test_the_last_version_hears_the_code_of_a_body_that_is_too_large(
    service: Service, loop: str
) -> None:
    event = call("rank", loop, " " * (1024 * 1024 + 1), path="/personalizer/rank")
    error = json.loads(service("rank", event)["body"])["error"]
    assert error["code"] == "PayloadSizeExceeded"
