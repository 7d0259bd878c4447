"""What a call has to say, in one line."""

import json
import time
from datetime import datetime
from typing import Any

import jsonschema_rs
import pytest

from personalizer.settings import Names
from personalizer.telemetry import Line

NAMES = Names("personalizer", "OpenPersonalizer")

TEXT = {"type": "string", "minLength": 1, "maxLength": 1024}
DIRECTIVE = {
    "type": "object",
    "required": ["Namespace", "Dimensions", "Metrics"],
    "additionalProperties": False,
    "properties": {
        "Namespace": TEXT,
        "Dimensions": {
            "type": "array",
            "minItems": 1,
            "items": {"type": "array", "maxItems": 30, "items": TEXT | {"maxLength": 250}},
        },
        "Metrics": {
            "type": "array",
            "maxItems": 100,
            "items": {
                "type": "object",
                "required": ["Name"],
                "additionalProperties": False,
                "properties": {"Name": TEXT, "Unit": {"enum": ["Count", "Milliseconds", "None"]}},
            },
        },
    },
}
EMBEDDED_METRIC_FORMAT = jsonschema_rs.validator_for(
    {
        "type": "object",
        "required": ["_aws"],
        "properties": {
            "_aws": {
                "type": "object",
                "required": ["Timestamp", "CloudWatchMetrics"],
                "additionalProperties": False,
                "properties": {
                    "Timestamp": {"type": "integer"},
                    "CloudWatchMetrics": {"type": "array", "items": DIRECTIVE},
                },
            }
        },
    }
)
"""As CloudWatch's specification has it."""


def a_line(request_id: str | None = "r-1") -> Line:
    line = Line(NAMES, request_id)
    line.log("ranked", event="e", generation=3)
    line.count("Ranks", "Count", 1, loop="default")
    line.count("FailedRefreshes", "Count", 2)
    return line


@pytest.fixture
def written(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    a_line().write()
    (text,) = capsys.readouterr().out.splitlines()
    return dict(json.loads(text))


def test_a_line_is_a_log_event_and_a_metric_document_at_once(written: dict[str, Any]) -> None:
    EMBEDDED_METRIC_FORMAT.validate(written)
    at = written["_aws"]["Timestamp"]
    assert written == {
        "level": "INFO",
        "timestamp": written["timestamp"],
        "service": "personalizer",
        "message": "ranked",
        "event": "e",
        "generation": 3,
        "loop": "default",
        "Ranks": [1],
        "FailedRefreshes": [2],
        "function_request_id": "r-1",
        "_aws": {
            "Timestamp": at,
            "CloudWatchMetrics": [
                {
                    "Namespace": "OpenPersonalizer",
                    "Dimensions": [["loop", "service"]],
                    "Metrics": [{"Name": "Ranks", "Unit": "Count"}],
                },
                {
                    "Namespace": "OpenPersonalizer",
                    "Dimensions": [["service"]],
                    "Metrics": [{"Name": "FailedRefreshes", "Unit": "Count"}],
                },
            ],
        },
    }


def test_every_name_that_is_a_metrics_or_a_dimensions_has_its_value(
    written: dict[str, Any],
) -> None:
    for directive in written["_aws"]["CloudWatchMetrics"]:
        assert all(isinstance(written[name], str) for name in directive["Dimensions"][0])
        assert all(isinstance(written[each["Name"]][0], int) for each in directive["Metrics"])


def test_both_times_are_now(written: dict[str, Any]) -> None:
    at = written["_aws"]["Timestamp"]
    assert abs(at - time.time() * 1000) < 60_000
    told = datetime.strptime(written["timestamp"], "%Y-%m-%d %H:%M:%S,%f%z")
    assert round(told.timestamp() * 1000) == at


def test_without_metrics_a_line_is_a_log_event_alone(capsys: pytest.CaptureFixture[str]) -> None:
    line = Line(NAMES, None)
    line.log("refused")
    line.write()
    written = json.loads(capsys.readouterr().out)
    assert set(written) == {"level", "timestamp", "service", "message"}


def test_who_has_nothing_to_say_writes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    Line(NAMES, "r-1").write()
    assert capsys.readouterr().out == ""
