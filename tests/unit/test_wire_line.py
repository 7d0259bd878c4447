"""A line of somebody's log, read with suspicion."""

import json
from decimal import Decimal
from typing import Any

import pytest

from personalizer.domain.event import Why
from personalizer.domain.foreign import Foreign
from personalizer.errors import LineRefused, LineSkipped
from personalizer.wire.line import MAX_LINE, read

AZURE: dict[str, Any] = {
    "_label_cost": -1.0,
    "_label_probability": 0.8,
    "_label_Action": 2,
    "_labelIndex": 1,
    "o": [{"v": 1.0, "EventId": "e-1", "ActionTaken": False}],
    "Timestamp": "2021-03-04T05:06:07.8900000Z",
    "Version": "1",
    "EventId": "e-1",
    "a": [2, 1],
    "c": {
        "FromUrl": [{"timeofday": "late night"}, {"nested": {"deep": 2}}],
        "_multi": [
            {
                "_tag": "pasta",
                "i": {"constant": 1, "id": "pasta"},
                "j": [{"taste": "salty", "_control": 1}, {"scores": [1, 0.5]}],
            },
            {"_tag": "steak", "i": {"constant": 1, "id": "steak"}, "j": [{"taste": "fat"}]},
        ],
    },
    "p": [0.8, 0.2],
    "VWState": {"m": "4d3f1f1c/1b2e"},
    "_original_label_cost": -1.0,
}


def line(**changes: Any) -> bytes:
    return json.dumps(AZURE | changes).encode()


def found(**changes: Any) -> Foreign:
    return read(line(**changes), "file:1")


def actions(*described: object) -> dict[str, Any]:
    return {"FromUrl": [], "_multi": list(described)}


def test_what_was_decided_and_earned_is_told() -> None:
    read_line = found()
    assert read_line.decision.order == (1, 0)
    assert read_line.decision.probabilities == (0.8, 0.2)
    joined = read_line.joined
    assert (joined.reward, joined.observed, joined.why) == (Decimal("1.0"), True, Why.REWARD)
    assert (joined.event_id, joined.ranked_at, joined.generation) == ("e-1", 1614834367890, 0)


def test_features_are_made_safe_as_those_of_a_request() -> None:
    request = found().request
    assert request.context == ({"timeofday": "late_night"}, {"nested": {"deep": 2}})
    assert [action.id for action in request.actions] == ["pasta", "steak"]
    assert request.actions[0].features == ({"taste": "salty"}, {"scores": [1, 0.5]})


def test_namespaces_of_another_client_stay_namespaces() -> None:
    given = {"GUser": {"age": 7}, "_multi": [{"TAction": {"x": 1}}, {"j": {"y": 1}}]}
    request = found(c=given).request
    assert request.context == ({"GUser": {"age": 7}},)
    assert [action.features for action in request.actions] == [
        ({"TAction": {"x": 1}},),
        ({"y": 1},),
    ]
    assert [action.id for action in request.actions] == ["1", "2"]


def test_the_cost_counts_and_not_the_rewards_that_it_was_made_of() -> None:
    assert found(_label_cost=-0.5).joined.reward == Decimal("0.5")


def test_a_line_without_an_outcome_had_the_default_reward() -> None:
    joined = found(o=[], _label_cost=0.25).joined
    assert (joined.reward, joined.observed, joined.why) == (Decimal("-0.25"), False, Why.WAIT)


def test_the_same_line_is_the_same_decision_and_another_is_not() -> None:
    assert read(line() + b"\r\n", "a:1").joined.uid == read(line(), "b:2").joined.uid
    assert found().joined.uid != found(EventId="e-2").joined.uid


def test_events_that_azure_dropped_at_random_are_no_reason_to_weigh_the_others() -> None:
    assert found(pdrop=0.5, _label_probability=0.4).decision.probabilities == (0.8, 0.2)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"_skipLearn": True}, "marked as not to be learned"),
        ({"DeferredAction": True}, "never activated"),
        ({"_outcomes": [{"_label_cost": -1}]}, "of several slots"),
        ({"_label_ca": {"cost": 1}}, "of a continuous action"),
    ],
)
def test_what_is_not_for_learning_is_skipped(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(LineSkipped, match=reason):
        found(**changes)


def test_a_late_reward_on_its_own_is_skipped() -> None:
    with pytest.raises(LineSkipped, match="no decision"):
        read(b'{"RewardValue":1.0,"EnqueuedTimeUtc":"2021-03-04T05:06:07Z","EventId":"e"}', "f:1")


def test_what_was_deferred_and_activated_is_learned() -> None:
    outcomes = [{"v": 1.0, "EventId": "e"}, {"EventId": "e", "ActionTaken": True}]
    assert found(DeferredAction=True, o=outcomes).joined.observed


@pytest.mark.parametrize(
    "changes",
    [
        {"_label_cost": None},
        {"_label_cost": "1"},
        {"_labelIndex": 0},
        {"_labelIndex": 2147483647},
        {"_labelIndex": None},
        {"_label_Action": 1},
        {"_label_probability": 0},
        {"_label_probability": None},
        {"_label_probability": 0.5},
        {"_label_probability": 1e-30},
        {"a": []},
        {"a": [2]},
        {"a": [2, 2]},
        {"a": [2, 3]},
        {"a": [2, 0]},
        {"p": [0.8]},
        {"p": [0.8, -0.2]},
        {"p": [0.8, 0.1]},
        {"p": [0.0, 1.0]},
        {"pdrop": 1},
        {"pdrop": -1},
        {"Timestamp": "yesterday"},
        {"Timestamp": None},
        {"EventId": "e" * 257},
        {"EventId": {"e": 1}},
        {"floor": 2},
        {"c": 1},
        {"c": True},
        {"c": {"FromUrl": []}},
        {"c": actions()},
        {"c": actions(*[{"j": [{"x": 1}]}] * 51)},
        {"c": actions("pasta", "steak")},
        {"c": actions({"i": 1, "j": []}, {"j": []})},
        {"c": actions({"_tag": "x" * 257}, {"j": []})},
        {"c": actions({"j": [{"": 1}]}, {"j": []})},
        {"c": actions({"j": [{"list": ["text"]}]}, {"j": []})},
        {"c": actions({"j": ["text"]}, {"j": []})},
        {"c": actions({"j": [{f"x{n}": 1 for n in range(4000)}]}, {"j": []})},
    ],
)
def test_what_is_not_consistent_or_not_safe_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(LineRefused):
        found(**changes)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"true",
        b"1",
        b"[]",
        b"{",
        b"\xff\xfe",
        b'{"_label_cost":NaN}',
        line().replace(b'"_label_cost": -1.0', b'"_label_cost": -1e999'),
        line().replace(b"2}", b"1e999}"),
        b"[" * 100_000,
        b'{"c":' * 100_000,
        b"x" * (MAX_LINE + 1),
    ],
)
def test_what_is_no_line_is_refused(data: bytes) -> None:
    with pytest.raises((LineRefused, LineSkipped)):
        read(data, "file:1")


def test_deep_nesting_is_refused() -> None:
    deep: dict[str, Any] = {"x": 1}
    for _ in range(40):
        deep = {"n": deep}
    with pytest.raises(LineRefused):
        found(c={"FromUrl": [deep], "_multi": AZURE["c"]["_multi"]})


@pytest.mark.parametrize("key", ["__aid", "_labelIndex", "_slots", "_text", "_multi"])
def test_words_of_control_among_the_features_are_dropped(key: str) -> None:
    given = {"FromUrl": [{key: 1, "x": 1}], "_multi": [{"j": [{key: [[1]]}]}, {"j": [{"y": 1}]}]}
    assert found(c=given).request.context == ({"x": 1},)
