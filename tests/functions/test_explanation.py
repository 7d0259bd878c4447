"""Why: on a rank of a loop that explains, and later on any decision of a log."""

import json
from typing import Any
from urllib.parse import quote

import pytest

from personalizer import payload
from personalizer.adapters.vw import examples
from personalizer.domain.decision import Decision
from personalizer.domain.example import Example
from personalizer.usecases import reasons
from tests.factories import a_body, a_joined, a_request, is_error_model
from tests.functions.conftest import Said, Service, call
from tests.functions.owner import Owner
from tests.functions.test_story import Story, delivered

ODD = "a/b c?"


def begin(service: Service, loop: str) -> None:
    """A first model, before anybody ranks."""
    example = Example(Decision((2, 0, 1), (0.5, 0.3, 0.2), ()), 1, examples.features(a_request()))
    lesson = a_joined(loop=loop, payload=payload.pack(example), generation=0)
    service("training", delivered([lesson]))


def ranked(service: Service, loop: str) -> dict[str, Any]:
    return dict(json.loads(service("rank", call("rank", loop, a_body()))["body"]))


@pytest.fixture
def owner(service: Service) -> Owner:
    """Of a loop whose log has a decision of its first model."""
    loop = service.new_loop()
    begin(service, loop)
    story = Story(service, loop, ODD)
    story.rank()
    story.reward(1)
    found = story.told()
    service("training", delivered(found, first=1))
    return Owner(service, loop)


def test_a_rank_tells_why_where_the_loop_wants_it(service: Service) -> None:
    loop = service.new_loop(explains=True)
    begin(service, loop)
    answer = ranked(service, loop)
    explained = answer["inferenceExplanation"]
    assert [each["id"] for each in explained] == ["a", "b", "c"]
    features = explained[0]["features"]
    names = {each["name"] for each in features}
    assert "FromUrl.hour" in names
    assert any("^" in name for name in names)
    sizes = [abs(each["score"]) for each in features]
    assert sizes == sorted(sizes, reverse=True)
    assert 0 < len(sizes) <= 20


def test_a_rank_whose_explanation_fails_is_answered_without_and_counted(
    service: Service, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reasons, "MOST_SCORES", "many")
    loop = service.new_loop(explains=True)
    begin(service, loop)
    answer = ranked(service, loop)
    assert (len(answer["ranking"]), answer["inferenceExplanation"]) == (3, [])
    (line,) = [line for line in said.lines() if line.get("message") == "ranked"]
    assert (line["unexplained"], line["UnexplainedRanks"]) == ("TypeError", [1])


def test_other_ranks_say_nothing_of_it(service: Service, loop: str) -> None:
    assert "inferenceExplanation" not in ranked(service, loop)


def test_the_setting_is_changed_as_azure_says(service: Service, loop: str) -> None:
    owner, path = Owner(service, loop), "/v1.1-preview.1/configurations/service"
    settings = owner("GET", path).json
    assert settings["isInferenceExplainabilityEnabled"] is False
    body = json.dumps(settings | {"isInferenceExplainabilityEnabled": True}).encode()
    assert owner("PUT", path, body).json["isInferenceExplainabilityEnabled"] is True
    assert service.loops.state(loop).configuration.explains


@pytest.mark.parametrize("version", ["", "/v1.0", "/v1.1-preview.3"])
def test_a_decision_of_the_log_is_explained_by_its_id(owner: Owner, version: str) -> None:
    answer = owner("GET", f"{version}/logs/{quote(ODD, safe='')}/explanation")
    assert answer.status == 200
    found = answer.json
    assert (found["eventId"], found["generation"]) == (ODD, 1)
    assert found["rewardActionId"] == found["actions"][0]["id"]
    for action in found["actions"]:
        parts = [action["constant"], action["rest"], action["otherTerms"]]
        parts += [term["score"] for term in action["terms"]]
        assert sum(parts) == pytest.approx(action["predictedReward"], abs=1e-5)


def test_so_much_is_told_as_is_asked_for(owner: Owner) -> None:
    path = f"/logs/{quote(ODD, safe='')}/explanation"
    (first, *_) = owner("GET", path, query={"top": "2"}).json["actions"]
    assert (len(first["terms"]), len(first["features"])) == (2, 2)


@pytest.mark.parametrize("query", [{"top": "0"}, {"top": "many"}, {"from": "soon"}])
def test_what_makes_no_sense_is_refused(owner: Owner, query: dict[str, str]) -> None:
    answer = owner("GET", "/logs/e-1/explanation", query=query)
    assert answer.status == 400
    assert is_error_model(answer.json)


def test_what_is_not_in_the_log_is_not_found(owner: Owner) -> None:
    answer = owner("GET", "/logs/nobody/explanation")
    assert answer.refusal == (404, "ResourceNotFound")
    assert is_error_model(answer.json)
    assert answer.json["error"]["innerError"]["code"] == "EventNotInLog"
