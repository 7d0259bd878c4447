"""Learning metrics, through the API."""

from datetime import datetime
from typing import Any

import pytest

from personalizer.domain.event import LearningMode
from tests.functions.conftest import Service
from tests.functions.owner import Owner
from tests.functions.test_models import VERSIONS
from tests.functions.test_story import teach

PATH = "/learningMetrics"


UNKNOWN = {"isLearning": False, "numberOfEvents": 0}


@pytest.mark.parametrize("version", VERSIONS)
def test_the_health_of_a_loop_that_decided_nothing_is_not_known(
    service: Service, loop: str, version: str
) -> None:
    assert health(Owner(service, loop), version) == UNKNOWN


@pytest.mark.parametrize("version", VERSIONS)
def test_a_loop_tells_its_health(service: Service, loop: str, version: str) -> None:
    for reward in (0.5, 0.25):
        teach(service, loop, reward)
    told = health(Owner(service, loop), version)
    assert (told["isLearning"], told["numberOfEvents"], told["averageReward"]) == (False, 2, 0.375)
    began, ended = (datetime.fromisoformat(told[name]) for name in ("startDate", "endDate"))
    assert began <= ended
    assert 0 < told["entropy"] <= 1
    assert 0 <= told["greedyShare"] <= 1
    for rival in (told["random"], told["baseline"]):
        assert 0 <= rival["confidence"] < 0.95
        assert rival["leastGain"] == -1
        assert rival["importanceWeight"] >= 0
    random = told["random"]
    assert random["gain"] == told["averageReward"] - random["averageReward"]


@pytest.mark.parametrize("mode", [LearningMode.APPRENTICE, LearningMode.LOGGING_ONLY])
def test_a_loop_whose_model_does_not_decide_has_no_health(
    service: Service, mode: LearningMode
) -> None:
    owner = Owner(service, service.new_loop(learning_mode=mode))
    teach(service, owner.loop)
    assert health(owner) == UNKNOWN


def test_a_loop_that_never_was_an_apprentice_has_agreed_in_nothing(
    service: Service, loop: str
) -> None:
    teach(service, loop)
    told = Owner(service, loop)("GET", PATH).json
    assert (told["learningMode"], told["numberOfEvents"]) == ("Online", 0)


def health(owner: Owner, version: str = "") -> dict[str, Any]:
    return dict(owner("GET", version + PATH).json["health"])


@pytest.fixture
def apprentice(service: Service) -> Owner:
    return Owner(service, service.new_loop(learning_mode=LearningMode.APPRENTICE))


@pytest.mark.parametrize("version", VERSIONS)
def test_an_apprentice_that_saw_nothing_has_zeros(apprentice: Owner, version: str) -> None:
    answer = apprentice("GET", version + PATH)
    zeros = {
        "numberOfEvents": 0,
        "numberOfMatchedEvents": 0,
        "sumOfRewards": 0,
        "sumOfImitatedRewards": 0,
    }
    assert answer.status == 200
    expected = {"learningMode": "Apprentice", **zeros, "cumulative": zeros, "health": UNKNOWN}
    assert answer.json == expected


def test_an_apprentice_tells_what_it_saw(apprentice: Owner) -> None:
    for reward in (0.5, 0.25):
        teach(apprentice.service, apprentice.loop, reward)
    told = apprentice("GET", PATH).json
    assert (told["numberOfEvents"], told["sumOfRewards"]) == (2, 0.75)
    assert told["averageReward"] == 0.375
    assert told["agreement"] == told["numberOfMatchedEvents"] / 2
    assert told["startDate"] <= told["endDate"]
    shared = {name: told[name] for name in told["cumulative"]}
    assert shared == told["cumulative"]
