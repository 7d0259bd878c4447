"""What the environment says."""

import pytest

from personalizer.settings import Names, Settings

ENVIRONMENT = {
    "EVENTS_TABLE": "events",
    "LOOPS_TABLE": "loops",
    "HUB_STREAM": "hub",
    "DATA_BUCKET": "data",
    "QUARANTINE_BUCKET": "quarantine",
    "MODEL_SIGNING_KEY": "key",
    "REFRESH_SECONDS": "2.5",
    "EXPIRY_SHARDS": "8",
    "HUB_ANNOUNCEMENTS": "true",
    "HUB_LANES": "1",
    "TRANSPORT": "crt",
    "EVALUATION_MACHINE": "machine",
    "EVALUATION_SECONDS": "86400",
}


def test_every_variable_is_read() -> None:
    assert Settings.read(ENVIRONMENT) == Settings(
        events_table="events",
        loops_table="loops",
        hub_stream="hub",
        data_bucket="data",
        quarantine_bucket="quarantine",
        model_signing_key="key",
        refresh_seconds=2.5,
        expiry_shards=8,
        hub_announcements=True,
        hub_lanes=1,
        transport="crt",
        evaluation_machine="machine",
        evaluation_seconds=86_400,
    )


def test_other_variables_do_not_matter() -> None:
    assert Settings.read({**ENVIRONMENT, "HOME": "/"}) == Settings.read(ENVIRONMENT)


@pytest.mark.parametrize(("text", "value"), [("true", True), ("False", False)])
def test_a_switch_is_true_or_false(text: str, value: bool) -> None:
    assert Settings.read({**ENVIRONMENT, "HUB_ANNOUNCEMENTS": text}).hub_announcements is value


@pytest.mark.parametrize("name", ENVIRONMENT)
def test_a_missing_variable_is_named(name: str) -> None:
    others = {key: value for key, value in ENVIRONMENT.items() if key != name}
    with pytest.raises(KeyError, match=name):
        Settings.read(others)


@pytest.mark.parametrize(
    "name",
    ["REFRESH_SECONDS", "EXPIRY_SHARDS", "HUB_ANNOUNCEMENTS", "TRANSPORT", "EVALUATION_SECONDS"],
)
def test_a_malformed_variable_is_refused(name: str) -> None:
    with pytest.raises((KeyError, ValueError)):
        Settings.read({**ENVIRONMENT, name: "perhaps"})


def test_names_are_those_that_powertools_reads() -> None:
    environment = {
        "POWERTOOLS_SERVICE_NAME": "personalizer",
        "POWERTOOLS_METRICS_NAMESPACE": "OpenPersonalizer",
    }
    assert Names.read(environment) == Names("personalizer", "OpenPersonalizer")
