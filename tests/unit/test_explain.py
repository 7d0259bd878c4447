"""Why a decision of the log was made: found again, with the model that made it."""

import json
from collections.abc import Sequence

import msgspec
import pytest

from personalizer import dsjson
from personalizer.adapters.fake import FakeEngine, FakePredictor
from personalizer.domain.explanation import Explanation, Seen, top
from personalizer.domain.loop import Configuration
from personalizer.domain.request import RankRequest
from personalizer.errors import Unexplained
from personalizer.usecases import steer
from personalizer.usecases.evaluation.important import important
from personalizer.usecases.explain import ANY_TIME, Explain, Explained
from personalizer.usecases.logs import Range
from personalizer.wire import explanation as wire
from tests.factories import NOW, House, a_request

HOUR, ACTION = Seen("FromUrl", "hour", "9"), Seen("i", "id", "a")


def explain(
    house: House, event: str, within: Range = ANY_TIME, most: int | None = None
) -> Explained:
    return Explain(house.loops, house.objects, house.engine, most)("default", event, within)


def decided() -> tuple[House, str]:
    """With a model's decision in its log, that the next model has learned from."""
    house = House(Configuration(exploration=0))
    house.learn()
    house.refresh(20_000)
    return house, house.learn(eventId="the one").event_id


def refusal(house: House, event: str, within: Range = ANY_TIME, most: int | None = None) -> str:
    with pytest.raises(Unexplained) as raised:
        explain(house, event, within, most)
    return raised.value.rule


# What an explanation is


def test_all_of_an_explanation_adds_up_to_what_is_predicted() -> None:
    explanation = Explanation({(HOUR,): 0.5, (HOUR, ACTION): -0.25}, constant=0.125, rest=0.0625)
    assert explanation.predicted == 0.4375
    assert explanation.of_reward(1.0).predicted == 1 - 0.4375


def test_features_share_their_product_equally() -> None:
    explanation = Explanation({(HOUR,): 0.5, (HOUR, ACTION): -0.25, (ACTION, ACTION): 0.125})
    assert explanation.shares == {HOUR: 0.375, ACTION: 0.0}


def test_what_counts_for_most_may_count_against() -> None:
    assert top({"a": 0.1, "b": -0.3, "c": 0.2}, 2) == [("b", -0.3), ("c", 0.2)]


# Decisions of the log


def test_a_decision_is_explained_by_the_model_that_made_it() -> None:
    house, event = decided()
    house.learn()
    found = explain(house, event)
    assert (found.event_id, found.generation) == (event, 1)
    assert [(c.id, c.probability) for c in found.candidates] == [("a", 1.0), ("b", 0.0), ("c", 0.0)]
    assert [c.explanation.predicted for c in found.candidates] == [1.0, 0.0, -1.0]


def test_a_decision_is_found_by_its_uid_too() -> None:
    house, event = decided()
    assert explain(house, house.uid_of(event)) == explain(house, event)


def test_of_two_with_the_same_id_the_newer_counts_unless_time_tells() -> None:
    house, event = decided()
    first = explain(house, event)
    house.refresh(86_400_000 * 3)
    house.learn(eventId=event)
    assert explain(house, event).generation == 2
    assert explain(house, event, Range(end=house.clock.now)) == first


def test_features_that_look_like_an_id_do_not_count() -> None:
    house, _ = decided()
    house.learn(contextFeatures=[{"EventId": "wanted", "uid": "wanted"}])
    assert refusal(house, "wanted") == "EventNotInLog"


def test_what_is_not_in_the_log_is_said_to_be_missing() -> None:
    house, event = decided()
    assert refusal(house, "another") == "EventNotInLog"
    assert refusal(house, event, Range(start=NOW + 86_400_000)) == "EventNotInLog"


def test_only_so_many_commits_are_looked_through() -> None:
    house, event = decided()
    house.learn()
    assert refusal(house, event, most=1) == "EventNotInLog"
    assert explain(house, event, most=2).event_id == event


def test_a_decision_without_a_model_has_no_reasons() -> None:
    house = House()
    assert refusal(house, house.learn().event_id) == "NoModelRanked"


def test_a_decision_that_the_model_could_not_afford_has_none() -> None:
    house, _ = decided()
    wide = [{f"f{number}": 1 for number in range(100)}]
    assert refusal(house, house.learn(contextFeatures=wide).event_id) == "NoModelRanked"


def test_a_model_that_is_gone_explains_nothing() -> None:
    house, event = decided()
    commit = house.commits()[-1]
    del house.memory_objects.data[commit.model.object.key]
    assert refusal(house, event) == "ModelForgotten"


def test_a_loop_that_started_anew_still_explains_its_log() -> None:
    house, event = decided()
    steer.reset(house.loops, "default", house.names())
    assert explain(house, event).generation == 1


# As a client reads it


def test_an_answer_tells_all_candidates_and_the_chosen_one_first() -> None:
    house, event = decided()
    answer = json.loads(wire.response(explain(house, event), 20))
    assert answer["eventId"] == event
    assert answer["rewardActionId"] == answer["actions"][0]["id"] == "a"
    second = answer["actions"][1]
    assert second["terms"] == [
        {"features": [{"namespace": "i", "name": "id", "value": "b"}], "score": -1.0}
    ]
    assert second["features"] == [{"namespace": "i", "name": "id", "value": "b", "score": -1.0}]


def test_what_is_left_out_of_an_answer_is_told_as_a_sum() -> None:
    house, event = decided()
    found = explain(house, event)
    for action in json.loads(wire.response(found, 0))["actions"]:
        rest = action["constant"] + action["rest"] + action["otherTerms"]
        assert rest == pytest.approx(action["predictedReward"])


# What a model decides by


def test_what_moves_candidates_apart_is_important() -> None:
    house = House()
    lines = [a_logged_line(house, hour) for hour in (7, 7, 9)]
    model = house.engine.learn("--cb_explore_adf", None, []).model
    found = important(house.engine, model, lines, 2)
    assert found == (("i.id+c",), ("i.id+b",))  # a candidate costs its place: 0, 1 and 2


class Puzzling(FakePredictor):
    """Cannot say why it wants what it does at seven."""

    def explain(self, request: RankRequest) -> Sequence[Explanation]:
        if request.context == ({"hour": 7},):
            raise RuntimeError("no idea")
        return super().explain(request)


class Puzzled(FakeEngine):
    def load(self, model: bytes) -> FakePredictor:
        return Puzzling(model)


def test_a_line_that_defies_explanation_is_left_out() -> None:
    lines = [a_logged_line(House(), hour) for hour in (7, 9)]
    assert important(Puzzled(), b"--cb_explore_adf", lines) == (("i.id+c",), ("i.id+b",))
    assert important(Puzzled(), b"--cb_explore_adf", lines[:1]) == ()


def a_logged_line(house: House, hour: int) -> bytes:
    features = house.engine.features(a_request(contextFeatures=[{"hour": hour}]))
    return b'{"a":[1],"c":%b}' % features


def test_a_line_tells_its_features_as_they_were_logged() -> None:
    line = a_logged_line(House(), 7)
    assert msgspec.json.decode(dsjson.features(line))["FromUrl"] == [{"hour": 7}]
