"""Service configuration: what clients of each version send and get."""

import json
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalizer.domain.event import Aggregation, LearningMode
from personalizer.domain.loop import DAY_MS, Configuration
from personalizer.domain.replay import Replay
from personalizer.errors import RequestError
from personalizer.wire import configuration as wire
from personalizer.wire.version import Version

LAST = Version.V2022_09_01_PREVIEW
OLD = Configuration()


def a_body(**changes: object) -> bytes:
    """As a client of the last version sends it; None leaves a field out."""
    body: dict[str, object] = {
        "rewardWaitTime": "PT10M",
        "defaultReward": 0.0,
        "rewardAggregation": "earliest",
        "explorationPercentage": 0.2,
        "modelExportFrequency": "PT5M",
        "logRetentionDays": 90,
        "modelRetrainDays": 0,
        **changes,
    }
    return json.dumps({name: value for name, value in body.items() if value is not None}).encode()


def changed(**changes: object) -> Configuration:
    return wire.change(a_body(**changes), LAST)(OLD)


def refusal(**changes: object) -> RequestError:
    with pytest.raises(RequestError) as caught:
        changed(**changes)
    return caught.value


def shown(configuration: Configuration, version: Version) -> dict[str, Any]:
    return dict(json.loads(wire.response(configuration, version)))


def test_every_setting_of_azures_is_read() -> None:
    found = changed(
        rewardWaitTime="PT1H",
        defaultReward=-0.5,
        rewardAggregation="sum",
        explorationPercentage=0.1,
        modelExportFrequency="PT1M",
        logRetentionDays=30,
        modelRetrainDays=7,
        isAutoOptimizationEnabled=True,
        autoOptimizationFrequency="P7D",
        autoOptimizationStartDate="2026-01-19T00:00:00Z",
        isInferenceExplainabilityEnabled=True,
    )
    assert found.reward_wait_ms == 3_600_000
    assert found.default_reward == Decimal("-0.5")
    assert found.aggregation is Aggregation.SUM
    assert (found.exploration, found.model_export_ms) == (0.1, 60_000)
    assert (found.log_retention_days, found.model_retrain_days) == (30, 7)
    assert found.explains
    assert found.optimization.enabled
    assert found.optimization.every_ms == 7 * DAY_MS
    assert found.optimization.starts_at == 1_768_780_800_000


@pytest.mark.parametrize("aggregation", Aggregation)
def test_every_aggregation_is_read_and_shown(aggregation: Aggregation) -> None:
    found = changed(rewardAggregation=aggregation.value)
    assert found.aggregation is aggregation
    assert shown(found, Version.V1_0)["rewardAggregation"] == aggregation.value


def test_a_learning_mode_is_read_alone() -> None:
    assert changed(learningMode="Apprentice").learning_mode is LearningMode.APPRENTICE


def test_a_first_version_leaves_alone_what_it_does_not_know() -> None:
    old = replace(OLD, learning_mode=LearningMode.APPRENTICE, model_retrain_days=3)
    body = a_body(learningMode="Online", modelRetrainDays=9)
    found = wire.change(body, Version.V1_0)(old)
    assert (found.learning_mode, found.model_retrain_days) == (LearningMode.APPRENTICE, 3)


@pytest.mark.parametrize(
    "name",
    [
        "rewardWaitTime",
        "defaultReward",
        "rewardAggregation",
        "explorationPercentage",
        "modelExportFrequency",
        "logRetentionDays",
        "modelRetrainDays",
    ],
)
def test_a_required_setting_must_be_sent(name: str) -> None:
    assert refusal(**{name: None}).code == "InvalidServiceConfiguration"


def test_earlier_versions_do_not_require_what_they_do_not_have() -> None:
    assert wire.change(a_body(modelRetrainDays=None), Version.V1_1_PREVIEW_3)(OLD)


def test_a_part_may_be_sent_where_a_part_is_asked_for() -> None:
    found = wire.change(b'{"explorationPercentage":0.5}', LAST, partly=True)(OLD)
    assert found == replace(OLD, exploration=0.5)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"rewardWaitTime": "PT4S"}, "InvalidRewardWaitTime"),
        ({"rewardWaitTime": "P31D"}, "InvalidRewardWaitTime"),
        ({"rewardWaitTime": "soon"}, "InvalidServiceConfiguration"),
        ({"rewardWaitTime": 600}, "InvalidServiceConfiguration"),
        ({"defaultReward": 1.01}, "InvalidServiceConfiguration"),
        ({"defaultReward": -1.01}, "InvalidServiceConfiguration"),
        ({"rewardAggregation": "latest"}, "InvalidServiceConfiguration"),
        ({"rewardAggregation": ""}, "InvalidServiceConfiguration"),
        ({"explorationPercentage": 1.2}, "InvalidServiceConfiguration"),
        ({"explorationPercentage": -0.1}, "InvalidServiceConfiguration"),
        ({"modelExportFrequency": "-PT1M"}, "InvalidServiceConfiguration"),
        ({"logRetentionDays": -2}, "InvalidServiceConfiguration"),
        ({"logRetentionDays": 2**31}, "InvalidServiceConfiguration"),
        ({"logRetentionDays": 1.5}, "InvalidServiceConfiguration"),
        ({"logRetentionDays": 1}, "InvalidLogRetentionDays"),
        ({"logRetentionDays": 2, "rewardWaitTime": "P2D"}, "InvalidLogRetentionDays"),
        ({"modelRetrainDays": -1}, "InvalidModelRetrainDays"),
        ({"modelRetrainDays": 91}, "InvalidModelRetrainDays"),
        ({"learningMode": "Offline"}, "InvalidServiceConfiguration"),
        ({"autoOptimizationFrequency": "PT1H"}, "InvalidServiceConfiguration"),
        ({"autoOptimizationStartDate": "tomorrow"}, "InvalidServiceConfiguration"),
        ({"logMirrorSasUri": "container"}, "InvalidSasUri"),
        ({"logMirrorSasUri": "http://["}, "InvalidSasUri"),
        ({"learnAfter": "never"}, "InvalidServiceConfiguration"),
        ({"costOffset": 1e9}, "InvalidServiceConfiguration"),
        ({"replayEvents": -1}, "InvalidServiceConfiguration"),
        ({"replayEvents": 9}, "InvalidServiceConfiguration"),
        ({"replayReach": 0}, "InvalidServiceConfiguration"),
        ({"replayReach": 1001}, "InvalidServiceConfiguration"),
        ({"replayBusiest": -1}, "InvalidServiceConfiguration"),
        ({"replayBusiest": 1e9}, "InvalidServiceConfiguration"),
    ],
)
def test_what_is_out_of_range_is_refused_with_its_code(
    changes: dict[str, object], code: str
) -> None:
    assert refusal(**changes).code == code


def test_the_frequency_of_optimization_is_refused_in_the_contracts_words() -> None:
    found = refusal(autoOptimizationFrequency="PT1H").detail
    assert found is not None
    assert found[0] == "InvalidAutoOptimizationFrequency"


@pytest.mark.parametrize(
    "changes",
    [{"defaultReward": 0.5}, {"rewardWaitTime": "PT11M"}, {"rewardAggregation": "sum"}],
)
def test_the_learning_mode_does_not_change_together_with_rewards(
    changes: dict[str, object],
) -> None:
    found = refusal(learningMode="Apprentice", **changes)
    assert found.code == "InvalidLearningModeServiceConfiguration"


def test_a_wait_longer_than_azures_two_days_is_welcome() -> None:
    assert changed(rewardWaitTime="P7D").reward_wait_ms == 7 * DAY_MS


def test_replay_is_set_part_by_part() -> None:
    assert changed(replayEvents=0).replay == replace(OLD.replay, events=0)
    assert changed(replayReach=500, replayBusiest=2.5).replay == Replay(4, 500, 2.5)


def test_logs_may_be_kept_for_ever() -> None:
    assert changed(logRetentionDays=-1, rewardWaitTime="P30D").log_retention_days == -1


def test_a_number_of_a_32_bit_client_is_what_it_means() -> None:
    found = changed(explorationPercentage=0.200000003, defaultReward=0.100000001)
    assert (found.exploration, found.default_reward) == (0.2, Decimal("0.1"))


def test_a_mirrors_signature_is_not_kept() -> None:
    uri = "https://x.blob.core.windows.net/container?sv=2018&sig=secret"
    found = changed(logMirrorEnabled=True, logMirrorSasUri=uri)
    assert found.mirror.uri == "https://x.blob.core.windows.net/container"
    assert b"secret" not in wire.response(found, LAST)


def test_the_body_of_a_first_version_has_its_fields_and_ours() -> None:
    assert shown(OLD, Version.V1_0).keys() == {
        "rewardWaitTime",
        "defaultReward",
        "rewardAggregation",
        "explorationPercentage",
        "modelExportFrequency",
        "logRetentionDays",
        "learnAfter",
        "costOffset",
        "replayEvents",
        "replayReach",
        "replayBusiest",
    }


@pytest.mark.parametrize("version", Version)
def test_only_the_last_version_has_retrain_days(version: Version) -> None:
    assert ("modelRetrainDays" in shown(OLD, version)) == (version is LAST)


def test_a_loop_that_was_never_edited_says_so_as_azure_does() -> None:
    assert shown(OLD, LAST)["lastConfigurationEditDate"] == "1601-01-01T00:00:00Z"


def test_an_edit_has_a_date() -> None:
    edited = replace(OLD, edited_at=1_768_780_800_000)
    assert shown(edited, LAST)["lastConfigurationEditDate"] == "2026-01-19T00:00:00Z"


@pytest.mark.parametrize("version", Version)
def test_what_is_shown_can_be_sent_back_and_changes_nothing(version: Version) -> None:
    old = replace(OLD, learning_mode=LearningMode.APPRENTICE, exploration=0.123)
    assert wire.change(wire.response(old, version), version)(old) == old


@given(st.dictionaries(st.sampled_from([*json.loads(a_body())]), st.from_type(object) | st.text()))
def test_whatever_is_sent_is_read_or_refused(changes: dict[str, Any]) -> None:
    body = json.dumps(json.loads(a_body()) | changes, default=str).encode()
    with suppress(RequestError):
        assert wire.change(body, LAST)(OLD)
