"""What is forgotten is removed, as the schedule sees to it."""

import pytest

from personalizer.bootstrap import administration, background
from tests.functions.conftest import Said, Service, example
from tests.functions.test_training import batch


def kept(service: Service, loop: str) -> list[str]:
    """The loop's objects, by their keys."""
    found = service.objects.keys("")
    return [key for key in found if loop in key.replace("=", "/").split("/")]


@pytest.fixture
def learned(service: Service, loop: str) -> str:
    service("training", batch(loop))
    return loop


def test_a_young_log_is_left_alone(service: Service, learned: str, said: Said) -> None:
    before = kept(service, learned)
    service("retention", example("retention"))
    assert kept(service, learned) == before
    assert said.metrics()["LoopsBehindRetention"] == 0


def test_what_was_forgotten_is_removed(service: Service, learned: str) -> None:
    background.forget().everything(learned)
    service("retention", example("retention"))
    folders = {key.partition("/")[0] for key in kept(service, learned)}
    assert folders == {"policy", "commit", "gen", "seen", "audit"}
    assert administration.logs().properties(learned) is None


def test_who_has_no_time_says_how_much_is_left(service: Service, learned: str, said: Said) -> None:
    background.forget().everything(learned)
    service("retention", example("retention"), milliseconds=1_000)
    assert said.metrics()["LoopsBehindRetention"] >= 1
    assert "log" in {key.partition("/")[0] for key in kept(service, learned)}
