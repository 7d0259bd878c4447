"""Service configuration: a loop's settings as Azure's clients read and write them."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import msgspec

from personalizer.domain.event import Aggregation, LearningMode
from personalizer.domain.loop import DAY_MS, FOREVER, Configuration
from personalizer.wire import durations, settings
from personalizer.wire.decode import decode
from personalizer.wire.errors import refused
from personalizer.wire.settings import CODE
from personalizer.wire.version import Version

_NEVER = "1601-01-01T00:00:00Z"
"""When Azure says that a new loop was edited last."""

_REQUIRED = {
    "rewardWaitTime": Version.V1_0,
    "defaultReward": Version.V1_0,
    "rewardAggregation": Version.V1_0,
    "explorationPercentage": Version.V1_0,
    "modelExportFrequency": Version.V1_0,
    "logRetentionDays": Version.V1_0,
    "modelRetrainDays": Version.V2022_09_01_PREVIEW,
}

type Change = Callable[[Configuration], Configuration]


class _Sent(msgspec.Struct, rename="camel"):
    """None: not sent. From `learn_after` on they are ours."""

    reward_wait_time: str | None = None
    default_reward: float | None = None
    reward_aggregation: str | None = None
    exploration_percentage: float | None = None
    model_export_frequency: str | None = None
    log_retention_days: int | None = None
    log_mirror_enabled: bool | None = None
    log_mirror_sas_uri: str | None = None
    learning_mode: str | None = None
    is_auto_optimization_enabled: bool | None = None
    auto_optimization_frequency: str | None = None
    auto_optimization_start_date: str | None = None
    is_inference_explainability_enabled: bool | None = None
    model_retrain_days: int | None = None
    learn_after: str | None = None
    cost_offset: float | None = None
    replay_events: int | None = None
    replay_reach: int | None = None
    replay_busiest: float | None = None


SETTINGS = frozenset(field.encode_name for field in msgspec.structs.fields(_Sent))
"""All names of settings."""

_decode = msgspec.json.Decoder(_Sent).decode
_encode = msgspec.json.Encoder().encode


def change(body: bytes, version: Version, *, partly: bool = False) -> Change:
    """What the body makes of a loop's settings: what it does not mention stays.

    `partly`: nothing need be mentioned. Raises RequestError, as does the change itself where the
    settings do not go together.
    """
    sent = decode(_decode, body, CODE)
    if not partly:
        _require(sent, version)
    given = _given(sent, version)
    return lambda old: _checked(old, _merged(old, given))


def declared(body: bytes, version: Version) -> Change:
    """Like `change`, partly; but what a loop should be is said as a whole, with nobody looking on
    in between, so that its learning mode and how it rewards may be new together."""
    given = _given(decode(_decode, body, CODE), version)

    def new(old: Configuration) -> Configuration:
        merged = _merged(old, given)
        return _checked(merged, merged)

    return new


def response(configuration: Configuration, version: Version) -> bytes:
    """All that this version knows of the settings, and what is ours."""
    shown: dict[str, object] = {
        "rewardWaitTime": durations.iso(configuration.reward_wait_ms),
        "defaultReward": float(configuration.default_reward),
        "rewardAggregation": configuration.aggregation.value,
        "explorationPercentage": configuration.exploration,
        "modelExportFrequency": durations.iso(configuration.model_export_ms),
        "logMirrorEnabled": configuration.mirror.enabled,
        "logMirrorSasUri": configuration.mirror.uri,
        "logRetentionDays": configuration.log_retention_days,
        "learnAfter": "wait" if configuration.learn_after_wait else "reward",
        "costOffset": configuration.cost_offset,
        "replayEvents": configuration.replay.events,
        "replayReach": configuration.replay.reach,
        "replayBusiest": configuration.replay.busiest,
    }
    if version >= Version.V1_1_PREVIEW_1:
        shown |= _since_preview_1(configuration)
    if version >= Version.V2022_09_01_PREVIEW:
        shown["modelRetrainDays"] = configuration.model_retrain_days
    return _encode({name: value for name, value in shown.items() if value is not None})


def _since_preview_1(configuration: Configuration) -> dict[str, object]:
    edited, start = configuration.edited_at, configuration.optimization.starts_at
    return {
        "lastConfigurationEditDate": settings.date(edited) if edited else _NEVER,
        "learningMode": configuration.learning_mode.value,
        "isAutoOptimizationEnabled": configuration.optimization.enabled,
        "autoOptimizationFrequency": durations.iso(configuration.optimization.every_ms),
        "autoOptimizationStartDate": None if start is None else settings.date(start),
        "isInferenceExplainabilityEnabled": configuration.explains,
    }


def _require(sent: _Sent, version: Version) -> None:
    present = msgspec.to_builtins(sent)
    for name, since in _REQUIRED.items():
        if version >= since and present[name] is None:
            raise refused(CODE, "MissingSetting", f"{name} is required.")


def _given(sent: _Sent, version: Version) -> dict[str, Any]:
    """What was sent, by its name in Configuration, Mirror, Optimization or Replay."""
    read: dict[str, Any] = {
        "reward_wait_ms": _read(settings.reward_wait, sent.reward_wait_time),
        "default_reward": _read(settings.default_reward, sent.default_reward),
        "aggregation": _read(_aggregation, sent.reward_aggregation),
        "exploration": _read(settings.exploration, sent.exploration_percentage),
        "model_export_ms": _read(settings.model_export, sent.model_export_frequency),
        "log_retention_days": _read(settings.retention, sent.log_retention_days),
        "mirror.enabled": sent.log_mirror_enabled,
        "mirror.uri": _read(settings.mirror_uri, sent.log_mirror_sas_uri),
        "learn_after_wait": _read(settings.learn_after_wait, sent.learn_after),
        "cost_offset": _read(settings.cost_offset, sent.cost_offset),
        "replay.events": _read(settings.replay_events, sent.replay_events),
        "replay.reach": _read(settings.replay_reach, sent.replay_reach),
        "replay.busiest": _read(settings.replay_busiest, sent.replay_busiest),
    }
    if version >= Version.V1_1_PREVIEW_1:
        read |= {
            "learning_mode": _read(_mode, sent.learning_mode),
            "optimization.enabled": sent.is_auto_optimization_enabled,
            "optimization.every_ms": _read(
                settings.optimization_frequency, sent.auto_optimization_frequency
            ),
            "optimization.starts_at": _read(_start, sent.auto_optimization_start_date),
            "explains": sent.is_inference_explainability_enabled,
        }
    if version >= Version.V2022_09_01_PREVIEW:
        read["model_retrain_days"] = _read(settings.retrain, sent.model_retrain_days)
    return {name: value for name, value in read.items() if value is not None}


def _read[V, T](reader: Callable[[V], T], value: V | None) -> T | None:
    return None if value is None else reader(value)


def _aggregation(text: str) -> Aggregation:
    return settings.one_of(Aggregation, "rewardAggregation", text)


def _mode(text: str) -> LearningMode:
    return settings.one_of(LearningMode, "learningMode", text)


def _start(text: str) -> int:
    return settings.moment("autoOptimizationStartDate", text)


def _merged(old: Configuration, given: Mapping[str, Any]) -> Configuration:
    own = {name: value for name, value in given.items() if "." not in name}
    return replace(
        old,
        mirror=replace(old.mirror, **_under("mirror.", given)),
        optimization=replace(old.optimization, **_under("optimization.", given)),
        replay=replace(old.replay, **_under("replay.", given)),
        **own,
    )


def _under(prefix: str, given: Mapping[str, Any]) -> dict[str, Any]:
    return {n.removeprefix(prefix): value for n, value in given.items() if n.startswith(prefix)}


def _checked(old: Configuration, new: Configuration) -> Configuration:
    """The new settings, or a refusal of what does not go together."""
    if new.learning_mode != old.learning_mode and _rewards(new) != _rewards(old):
        raise refused("InvalidLearningModeServiceConfiguration")
    if new.log_retention_days == FOREVER:
        return new
    if new.log_retention_days < -(-new.reward_wait_ms // DAY_MS) + 1:
        raise refused("InvalidLogRetentionDays")
    if new.model_retrain_days > new.log_retention_days:
        raise refused("InvalidModelRetrainDays")
    return new


def _rewards(configuration: Configuration) -> tuple[object, ...]:
    """What a change of the learning mode may not change along with it."""
    return (
        configuration.default_reward,
        configuration.reward_wait_ms,
        configuration.aggregation,
    )
