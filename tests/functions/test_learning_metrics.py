"""Learning metrics, through the API."""

import pytest

from personalizer.domain.event import LearningMode
from tests.factories import is_error_model
from tests.functions.conftest import Service
from tests.functions.owner import Owner
from tests.functions.test_models import VERSIONS
from tests.functions.test_story import teach

PATH = "/learningMetrics"


@pytest.mark.parametrize("version", VERSIONS[1:])
@pytest.mark.parametrize("mode", [LearningMode.ONLINE, LearningMode.LOGGING_ONLY])
def test_a_loop_that_never_was_an_apprentice_has_none(
    service: Service, mode: LearningMode, version: str
) -> None:
    owner = Owner(service, service.new_loop(learning_mode=mode))
    teach(service, owner.loop)
    assert owner("GET", version + PATH).refusal == (400, "ApprenticeModeNeverTurnedOn")


def test_the_first_version_hears_why_as_the_inner_error(service: Service, loop: str) -> None:
    answer = Owner(service, loop)("GET", f"/v1.0{PATH}")
    assert answer.refusal == (400, "BadRequest")
    assert answer.json["error"]["innerError"] == {"code": "ApprenticeModeNeverTurnedOn"}
    assert is_error_model(answer.json)


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
    assert answer.json == {"learningMode": "Apprentice", **zeros, "cumulative": zeros}


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
