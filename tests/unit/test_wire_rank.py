"""Rank on the wire: what is accepted, what is refused, and in which words."""

import json
import math
from typing import Any

import pytest

from personalizer.domain.decision import RankedAction, Ranking, Reasons
from personalizer.domain.explanation import Seen
from personalizer.domain.features import MAX_MAGNITUDE
from personalizer.errors import RequestError
from personalizer.wire.decode import MAX_BODY
from personalizer.wire.rank import MAX_PAIRS, request, response
from tests.factories import a_body, a_request

Json = dict[str, Any]


def an_action(**changes: Any) -> Json:
    return {"id": "a", "features": [{"x": 1}], **changes}


def refusal(body: bytes) -> RequestError:
    with pytest.raises(RequestError) as caught:
        request(body)
    assert caught.value.status == 400
    return caught.value


def detail(body: Json) -> tuple[str, str]:
    error = refusal(json.dumps(body).encode())
    assert (error.code, error.message) == ("InvalidRankRequest", "Invalid request.")
    assert error.detail is not None
    return error.detail


def deep(levels: int) -> Any:
    value: Any = {"x": 1}
    for _ in range(levels):
        value = {"n": value}
    return value


# Accepted


def test_a_whole_request() -> None:
    found = a_request(excludedActions=["b"], eventId="e", deferActivation=True)
    assert [action.id for action in found.candidates] == ["a", "c"]
    assert (found.context, found.context_size) == (({"hour": 7},), 1)
    assert (found.event_id, found.inactive, found.excluded) == ("e", True, frozenset("b"))


def test_only_actions_are_required() -> None:
    found = request(json.dumps({"actions": [an_action()]}).encode())
    assert (found.context, found.context_size, found.event_id) == ((), 0, None)
    assert (found.excluded, found.inactive) == (frozenset(), False)


@pytest.mark.parametrize("name", ["contextFeatures", "excludedActions", "eventId"])
def test_null_is_as_good_as_nothing(name: str) -> None:
    found = a_request(**{name: None, "deferActivation": None, "learningEnabled": None})
    assert not found.inactive


def test_unknown_fields_are_ignored() -> None:
    found = a_request(activated=False, excludeActions=["a"], actions=[an_action(extra={})])
    assert len(found.candidates) == 1


@pytest.mark.parametrize("given", [5, "5"])
def test_ids_may_be_integers(given: int | str) -> None:
    found = a_request(
        actions=[an_action(id=given), an_action()], excludedActions=[5], eventId=given
    )
    assert [action.id for action in found.actions] == ["5", "a"]
    assert (found.event_id, found.excluded) == ("5", frozenset("5"))


@pytest.mark.parametrize(
    ("fields", "inactive"),
    [
        ({"deferActivation": True}, True),
        ({"deferActivation": False}, False),
        ({"learningEnabled": False}, True),
        ({"learningEnabled": True}, False),
        ({"learningEnabled": True, "deferActivation": True}, True),
    ],
)
def test_either_name_defers_activation(fields: Json, inactive: bool) -> None:
    assert a_request(**fields).inactive is inactive


def test_a_byte_order_mark_is_skipped() -> None:
    assert request(b"\xef\xbb\xbf" + json.dumps(a_body()).encode()).context == ({"hour": 7},)


def test_of_duplicate_keys_the_last_counts() -> None:
    found = request(b'{"actions":[],"actions":[{"id":"x","id":"a","features":[{"k":1,"k":2}]}]}')
    assert [(a.id, a.features) for a in found.actions] == [("a", ({"k": 2},))]


def test_fifty_actions_are_fine() -> None:
    assert len(a_request(actions=[an_action(id=n) for n in range(50)]).actions) == 50


def test_ids_of_256_characters_are_fine() -> None:
    long = "日" * 256
    assert a_request(eventId=long, actions=[an_action(id=long)]).event_id == long


def test_an_unknown_excluded_action_does_no_harm() -> None:
    assert len(a_request(excludedActions=["nobody"]).candidates) == 3


def test_features_that_vw_would_ignore_are_enough_for_the_contract() -> None:
    assert a_request(actions=[an_action(features=[{"x": 0}, {"_y": 1}])]).actions[0].features == ()


def test_equal_actions_are_read_once() -> None:
    assert a_request().actions[0] is a_request().actions[0]


def test_an_action_is_read_once_for_all_catalogues_that_it_is_in() -> None:
    shared, other = an_action(id="shared"), an_action(id="other")
    first, second = a_request(actions=[shared]), a_request(actions=[other, shared])
    assert first.actions[0] is second.actions[1]


def test_an_equal_catalogue_is_read_once() -> None:
    assert a_request(contextFeatures=[]).actions is a_request().actions


def test_more_actions_than_are_kept_are_read_all_the_same() -> None:
    for number in range(0, 3_000, 50):
        actions = [an_action(id=number + n) for n in range(50)]
        assert [int(action.id) for action in a_request(actions=actions).actions] == [
            *range(number, number + 50)
        ]


@pytest.mark.parametrize("length", [5_000, 70_000])
def test_what_is_too_long_to_be_kept_is_read_all_the_same(length: int) -> None:
    long = [an_action(features=[{"x": "y" * length}])]
    first, again = a_request(actions=long).actions[0], a_request(actions=long).actions[0]
    assert first.features == again.features == ({"x": "y" * length},)


def test_different_actions_are_not_confused() -> None:
    first, second = a_request(actions=[an_action()]), a_request(actions=[an_action(id="z")])
    assert (first.actions[0].id, second.actions[0].id) == ("a", "z")


# Refused with the contract's words


CONTRACT = {
    "ActionCountOutOfBounds": "Action count should be between 1 and 50.",
    "ActionHasNoNonNullFeatures": "Every action should have at least one non-null action feature.",
    "ActionsContainsNull": "Actions contains null value.",
    "ContextFeaturesContainsNull": "Context features contains null value.",
    "EmptyActionId": "Action ids must not be empty.",
    "EmptyEventId": "EventId should be non-empty or null.",
    "FeatureContainsNonNumberArray": "Features should not contain array with non-number items.",
    "FeatureHasEmptyStringId": (
        "Context features and action features cannot use the empty string as an id."
    ),
    "FeaturesNotInKeyValueFormat": "Features are not in key value pair format.",
}

NO_FEATURES: list[Any] = [[], [{}], [None], [{"x": None}], [{}, {"x": None}]]
ODD_FEATURES: list[Any] = [1, "text", [1], True, deep(40)]
ODD_ARRAYS: list[Any] = [["a"], [True], [None], [{}], [[1]], [1, "a"]]

REFUSED: list[tuple[str, Json]] = [
    ("ActionCountOutOfBounds", {}),
    ("ActionCountOutOfBounds", a_body(actions=None)),
    ("ActionCountOutOfBounds", a_body(actions=[])),
    ("ActionCountOutOfBounds", a_body(actions=[an_action(id=n) for n in range(51)])),
    ("ActionsContainsNull", a_body(actions=[an_action(), None])),
    ("ContextFeaturesContainsNull", a_body(contextFeatures=[{"x": 1}, None])),
    ("EmptyActionId", a_body(actions=[an_action(id="")])),
    ("EmptyEventId", a_body(eventId="")),
    ("FeatureHasEmptyStringId", a_body(contextFeatures=[{"": 1}])),
    ("FeatureHasEmptyStringId", a_body(actions=[an_action(features=[{"n": {"": 1}}])])),
    *[
        ("ActionHasNoNonNullFeatures", a_body(actions=[an_action(features=nothing)]))
        for nothing in NO_FEATURES
    ],
    *[
        ("FeatureContainsNonNumberArray", a_body(contextFeatures=[{"x": array}]))
        for array in ODD_ARRAYS
    ],
    *[("FeaturesNotInKeyValueFormat", a_body(contextFeatures=[odd])) for odd in ODD_FEATURES],
    *[
        ("FeaturesNotInKeyValueFormat", a_body(actions=[an_action(features=[odd])]))
        for odd in ODD_FEATURES
    ],
]


@pytest.mark.parametrize(("code", "body"), REFUSED)
def test_the_contract_says_what_is_wrong(code: str, body: Json) -> None:
    assert detail(body) == (code, CONTRACT[code])


@pytest.mark.parametrize(
    "body", [a_body(eventId="x" * 257), a_body(actions=[an_action(id=10**256)])]
)
def test_overlong_ids_are_refused(body: Json) -> None:
    assert detail(body)[0] == "IdTooLong"


def test_something_must_be_left_to_choose_from() -> None:
    assert detail(a_body(excludedActions=["a", "b", "c"]))[0] == "NoActionLeft"


def test_more_features_than_a_processor_can_afford_are_refused() -> None:
    many = {str(number): 1 for number in range(math.isqrt(MAX_PAIRS))}
    assert detail(a_body(contextFeatures=[many]))[0] == "TooManyFeatures"


@pytest.mark.parametrize(
    "body",
    [
        a_body(actions={}),
        a_body(actions=[1]),
        a_body(actions=[{"features": [{"x": 1}]}]),
        a_body(actions=[{"id": "a"}]),
        a_body(actions=[an_action(features={"x": 1})]),
        a_body(actions=[an_action(id=1.5)]),
        a_body(actions=[an_action(id=True)]),
        a_body(contextFeatures={}),
        a_body(eventId=True),
        a_body(excludedActions="a"),
        a_body(deferActivation="yes"),
    ],
)
def test_wrong_types_are_refused_with_the_place_of_the_mistake(body: Json) -> None:
    assert detail(body)[1].startswith(("Expected", "Object missing"))


# Refused because it is not JSON at all


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"garbage",
        b"\xff\xfe",
        b'{"eventId":"\xff"}',
        b'{"eventId":"\\ud800"}',
        b'{"actions":[{"id":"\\udfff","features":[{"x":1}]}]}',
        b'{"contextFeatures":[{"x":NaN}]}',
        b'{"contextFeatures":[{"x":Infinity}]}',
        b'{"actions":[{"id":"a","features":[{"x":NaN}]}]}',
        b'{"contextFeatures":' + b"[" * 100_000,
        b'{"actions":[' + b'{"x":' * 100_000,
        b'{"unknown":' + b"[" * 100_000,
        b'{"eventId":"e"} trailing',
    ],
)
def test_what_is_not_json_is_refused(body: bytes) -> None:
    error = refusal(body)
    assert (error.code, error.detail and error.detail[0]) == ("BadRequest", "MalformedJson")


def test_a_huge_integer_is_as_large_as_numbers_get() -> None:
    assert a_request(contextFeatures=[{"x": 10**400}]).context == ({"x": MAX_MAGNITUDE},)


@pytest.mark.parametrize("number", [b"1e999", b"-1e999", b"9" * 5000])
def test_a_number_beyond_all_numbers_is_refused(number: bytes) -> None:
    refusal(b'{"actions":[{"id":"a","features":[{"x":%b}]}]}' % number)
    refusal(b'{"actions":[{"id":"a","features":[{"x":1}]}],"contextFeatures":[{"x":%b}]}' % number)


@pytest.mark.parametrize("body", [b"null", b"[]", b"1", b'"text"'])
def test_json_that_is_no_object_is_refused(body: bytes) -> None:
    assert refusal(body).code == "InvalidRankRequest"


def test_an_oversized_body_is_refused() -> None:
    error = refusal(b" " * (MAX_BODY + 1))
    assert (error.code, error.message) == (
        "PayloadSizeExceeded",
        "Exceeds maximum allowed payload size.",
    )


def test_a_body_of_the_greatest_size_is_read() -> None:
    body = json.dumps(a_body()).encode()
    assert request(body + b" " * (MAX_BODY - len(body))).context_size == 1


def test_the_response_as_azures_clients_read_it() -> None:
    actions = [RankedAction("x", 0.0), RankedAction("a", 1.0)]
    assert json.loads(response(Ranking("e-1", actions[1], actions, 3))) == {
        "ranking": [{"id": "x", "probability": 0.0}, {"id": "a", "probability": 1.0}],
        "eventId": "e-1",
        "rewardActionId": "a",
    }


def test_an_explanation_is_told_as_azures_documentation_has_it() -> None:
    hour, action = Seen("user", "hour", "9"), Seen("i", "id", "a")
    reasons = [Reasons("a", [((hour, action), 0.5), ((hour,), -0.25)]), Reasons("b", [])]
    chosen = RankedAction("a", 1.0)
    answer = json.loads(response(Ranking("e-1", chosen, [chosen], 3, reasons)))
    assert answer["inferenceExplanation"] == [
        {
            "id": "a",
            "features": [
                {"name": "user.hour^i.id", "score": 0.5},
                {"name": "user.hour", "score": -0.25},
            ],
        },
        {"id": "b", "features": []},
    ]


def test_without_reasons_an_explanation_is_empty() -> None:
    chosen = RankedAction("a", 1.0)
    answer = json.loads(response(Ranking("e-1", chosen, [chosen], 0, [])))
    assert answer["inferenceExplanation"] == []
