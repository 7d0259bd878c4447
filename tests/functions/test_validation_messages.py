"""What is wrong with a request, in the contract's own words."""

import json
from typing import Any

import pytest

from personalizer.wire import errors
from tests.e2e.specs import FOLDER
from tests.factories import a_body
from tests.functions.conftest import Service, call
from tests.functions.owner import Owner

SETTINGS = {
    "rewardWaitTime": "PT10M",
    "defaultReward": 0,
    "rewardAggregation": "earliest",
    "explorationPercentage": 0.2,
    "modelExportFrequency": "PT1M",
    "logRetentionDays": 90,
    "modelRetrainDays": 0,
}


def of_action(**changes: object) -> dict[str, Any]:
    return a_body(actions=[{"id": "a", "features": [{"f": 1}]} | changes])


RANKS: dict[str, tuple[str, dict[str, Any]]] = {
    "EmptyEventId": ("EventId should be non-empty or null.", a_body(eventId="")),
    "EmptyActionId": ("Action ids must not be empty.", of_action(id="")),
    "ActionCountOutOfBounds": ("Action count should be between 1 and 50.", a_body(actions=[])),
    "ActionHasNoNonNullFeatures": (
        "Every action should have at least one non-null action feature.",
        of_action(features=[{"f": None}]),
    ),
    "ActionsContainsNull": ("Actions contains null value.", a_body(actions=[None])),
    "ContextFeaturesContainsNull": (
        "Context features contains null value.",
        a_body(contextFeatures=[{"f": 1}, None]),
    ),
    "FeatureContainsNonNumberArray": (
        "Features should not contain array with non-number items.",
        a_body(contextFeatures=[{"f": [1, "x"]}]),
    ),
    "FeatureHasEmptyStringId": (
        "Context features and action features cannot use the empty string as an id.",
        of_action(features=[{"": 1}]),
    ),
    "FeaturesNotInKeyValueFormat": (
        "Features are not in key value pair format.",
        of_action(features=["x"]),
    ),
}


@pytest.mark.parametrize("name", RANKS)
def test_a_rank_is_told_what_is_wrong_with_it(service: Service, loop: str, name: str) -> None:
    text, body = RANKS[name]
    answer = service("rank", call("rank", loop, body))
    error = json.loads(answer["body"])["error"]
    assert (answer["statusCode"], error["innerError"]) == (400, {"code": name})
    assert error["details"] == [{"code": "InvalidRankRequest", "message": text}]


def test_there_is_a_request_for_every_detail() -> None:
    of_evaluations = {
        "EvaluationNotCompleted",
        "FilterEvaluationsQuery",
        "IncompatibleIntervalAndWindow",
    }
    others = {"InvalidAutoOptimizationFrequency", *of_evaluations}
    assert set(errors._DETAILS) == set(RANKS) | others


RETENTION = (
    "Log Retention Days must be -1 to store indefinitely or must be at least reward wait time "
    "plus 1 day (rounded up)"
)
RETRAIN = "Model retrain days must be between 0 and the number of log retention days."
MODES = (
    "Updating defaultReward, rewardWaitTime and rewardAggregation when changing learning mode from "
    "Online to Apprentice mode and vice versa is not allowed. Make the mode change and then change "
    "the additional settings with an additional API call."
)
URI = (
    "SAS Uri must be the Uri to a container that has write permissions; Or the date in SAS Uri is "
    "not in the format of yyyy-mm-ddThh:mm:ssZ."
)


@pytest.mark.parametrize(
    ("code", "text", "changes"),
    [
        ("InvalidLogRetentionDays", RETENTION, {"logRetentionDays": 0}),
        ("InvalidLogRetentionDays", RETENTION, {"logRetentionDays": 3, "rewardWaitTime": "P3D"}),
        ("InvalidModelRetrainDays", RETRAIN, {"modelRetrainDays": -1}),
        ("InvalidModelRetrainDays", RETRAIN, {"modelRetrainDays": 91}),
        ("InvalidLearningModeServiceConfiguration", MODES, {"learningMode": "Apprentice"}),
        ("InvalidSasUri", URI, {"logMirrorSasUri": "http://example.com/container"}),
        (
            "InvalidRewardWaitTime",
            "Reward wait time should be between 5 seconds and 30 days.",
            {"rewardWaitTime": "PT1S"},
        ),
    ],
)
def test_a_setting_that_has_a_code_is_told_in_its_words(
    service: Service, loop: str, code: str, text: str, changes: dict[str, Any]
) -> None:
    settings = SETTINGS | {"defaultReward": 0.5} | changes
    answer = put(service, loop, "/configurations/service", settings)
    assert answer["error"]["code"] == code
    assert answer["error"]["message"] == text


def test_auto_optimisation_is_told_how_often_it_may_be(service: Service, loop: str) -> None:
    settings = SETTINGS | {"autoOptimizationFrequency": "PT23H"}
    error = put(service, loop, "/configurations/service", settings)["error"]
    text = "The auto-optimization frequency must be atleast 1 days."
    assert error["innerError"] == {"code": "InvalidAutoOptimizationFrequency"}
    assert error["details"] == [{"code": "InvalidServiceConfiguration", "message": text}]


def test_a_policy_is_told_what_it_must_contain(service: Service, loop: str) -> None:
    error = put(service, loop, "/configurations/policy", {"name": "p", "arguments": "-q ::"})
    text = "The learning policy must contain --cb_explore_adf or --cats."
    assert error["error"]["innerError"] == {"code": "MissingLearningPolicyAlgorithm"}
    assert error["error"]["details"] == [{"code": "InvalidPolicyConfiguration", "message": text}]


def put(service: Service, loop: str, path: str, body: object) -> dict[str, Any]:
    """The refusal."""
    answer = Owner(service, loop)("PUT", path, json.dumps(body).encode())
    assert answer.status == 400
    return dict(answer.json)


# The contract's own list, where there is a copy of it


@pytest.fixture(scope="module")
def contract() -> dict[str, Any]:
    path = FOLDER / "error-codes.json"
    if not path.exists():
        pytest.skip("no copy of the contract's codes")
    return dict(json.loads(path.read_text()))


OURS = {"NameReserved", "TooManyEvaluations", "InvalidRewardWaitTime", "InvalidModelRetrainDays"}
"""A code that is our own, and two that the contract has without a status."""


def test_every_code_has_the_contracts_status_and_words(contract: dict[str, Any]) -> None:
    listed = {each["code"]: (each["httpStatus"], each["message"]) for each in contract["codes"]}
    assert set(errors._MESSAGES) - set(listed) == OURS
    assert errors._MESSAGES.items() - listed.items() == {
        (code, errors._MESSAGES[code]) for code in OURS
    }


def test_every_detail_has_the_contracts_words(contract: dict[str, Any]) -> None:
    texts = {name: text.format(1) for name, text in contract["validationMessages"].items()}
    assert errors._DETAILS.items() <= texts.items()
    assert texts["InvalidModelRetrainDays"] == RETRAIN
