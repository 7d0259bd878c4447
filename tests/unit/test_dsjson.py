"""The line that records one learned decision."""

import json
from decimal import Decimal
from typing import Any

import pytest

from personalizer.domain.agreement import Agreement
from personalizer.domain.decision import Decision
from personalizer.domain.event import LearningMode
from personalizer.domain.health import Choice
from personalizer.dsjson import agreement, choice, line, reward, skipped, timestamp, with_cost
from tests.factories import FEATURES, NOW, a_joined, a_uid, an_example


def parsed(**changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(line(a_joined(**changes), an_example()))
    return found


def test_labels_come_before_the_features() -> None:
    keys = list(parsed())
    assert keys[:4] == ["_label_cost", "_label_probability", "_label_Action", "_labelIndex"]
    assert keys.index("c") > keys.index("a")


def test_tools_that_read_by_position_find_what_they_look_for() -> None:
    assert line(a_joined(), an_example()).startswith(
        b'{"_label_cost":-0.5,"_label_probability":0.75,"_label_Action":2,"_labelIndex":1,"o":['
    )


def test_the_cost_is_the_negative_reward() -> None:
    found = parsed(reward=Decimal("0.25"))
    assert (found["_label_cost"], found["_original_label_cost"]) == (-0.25, -0.25)


@pytest.mark.parametrize("zero", ["0", "-0"])
def test_no_reward_costs_zero_and_not_minus_zero(zero: str) -> None:
    assert line(a_joined(reward=Decimal(zero)), an_example()).startswith(b'{"_label_cost":0.0,')


def test_an_observed_reward_is_an_outcome() -> None:
    assert parsed()["o"] == [{"v": 0.5, "EventId": "e-1"}]


def test_a_default_reward_is_none() -> None:
    assert parsed(observed=False)["o"] == []


def test_actions_count_from_one_in_ranked_order() -> None:
    assert (parsed()["a"], parsed()["p"]) == ([2, 1], [0.75, 0.25])


def test_the_features_are_the_very_bytes() -> None:
    assert b'"c":' + FEATURES + b',"p":' in line(a_joined(), an_example())


def test_the_origin_is_told() -> None:
    found = parsed()
    assert (found["uid"], found["policy"], found["why"]) == (a_uid(1), "p" * 16, "reward")
    assert (found["floor"], found["VWState"], found["Version"]) == (0.05, {"m": "3"}, "1")


@pytest.mark.parametrize("event_id", ['", "_label_cost":9', "日本", "\x00\n\\", "a\u2028b", "😀"])
def test_any_event_id_is_kept_and_breaks_nothing(event_id: str) -> None:
    raw = line(a_joined(event_id=event_id), an_example())
    assert b"\n" not in raw
    assert json.loads(raw)["EventId"] == event_id
    assert json.loads(raw)["_label_cost"] == -0.5


def test_the_excluded_are_not_logged() -> None:
    example = an_example(decision=Decision((0,), (1.0,), ((0, "x"),)))
    assert json.loads(line(a_joined(), example))["a"] == [1]


@pytest.mark.parametrize("cost", [0.0, 1.5, 2.0, 1e-09, -1.0])
def test_another_cost_changes_the_label_alone(cost: float) -> None:
    logged = line(a_joined(), an_example())
    assert json.loads(with_cost(logged, cost)) == {**json.loads(logged), "_label_cost": cost}


# Modes

AGREED, DIFFERED = Decision((0, 1), (0.75, 0.25), ()), Decision((1, 0), (0.75, 0.25), ())


def in_mode(mode: LearningMode, decision: Decision = AGREED, earned: str = "0.5") -> bytes:
    joined = a_joined(learning_mode=mode, reward=Decimal(earned))
    return line(joined, an_example(decision=decision))


@pytest.mark.parametrize("mode", LearningMode)
def test_the_mode_is_told_and_the_reward_kept(mode: LearningMode) -> None:
    found = json.loads(in_mode(mode))
    assert (found["mode"], found["_original_label_cost"]) == (mode, -0.5)
    assert found["o"] == [{"v": 0.5, "EventId": "e-1"}]


@pytest.mark.parametrize(("decision", "taught"), [(AGREED, 1), (DIFFERED, 0)])
@pytest.mark.parametrize("earned", ["-1", "0", "0.5", "1"])
def test_an_apprentice_is_taught_to_agree_whatever_was_earned(
    decision: Decision, taught: int, earned: str
) -> None:
    logged = in_mode(LearningMode.APPRENTICE, decision, earned)
    assert (json.loads(logged)["_label_cost"], reward(logged)) == (-taught, taught)


def test_what_is_only_logged_says_so_where_vw_looks_for_it() -> None:
    logged = in_mode(LearningMode.LOGGING_ONLY)
    assert b'"_labelIndex":0,"_skipLearn":true,"o":[' in logged
    assert skipped(logged)


@pytest.mark.parametrize("mode", [LearningMode.ONLINE, LearningMode.APPRENTICE])
def test_what_is_learned_does_not_speak_of_skipping(mode: LearningMode) -> None:
    assert not skipped(in_mode(mode))
    assert b"_skipLearn" not in in_mode(mode)


def test_an_event_cannot_have_itself_skipped() -> None:
    example = an_example(features=b'{"_skipLearn":true,"o":[]}')
    assert not skipped(line(a_joined(event_id='"_skipLearn":true,"o":'), example))


def test_an_apprentices_line_tells_whether_it_agreed_and_what_that_earned() -> None:
    apprentice = LearningMode.APPRENTICE
    assert agreement(in_mode(apprentice, AGREED)) == Agreement(1, 1, 0.5, 0.5, NOW, NOW)
    assert agreement(in_mode(apprentice, DIFFERED)) == Agreement(1, 0, 0.5, 0.0, NOW, NOW)


@pytest.mark.parametrize("mode", [LearningMode.ONLINE, LearningMode.LOGGING_ONLY])
def test_other_lines_tell_nothing_of_an_apprentice(mode: LearningMode) -> None:
    assert agreement(in_mode(mode)) == Agreement()


def test_a_timestamp_is_utc_with_microseconds() -> None:
    assert timestamp(NOW + 7) == "2023-11-14T22:13:20.007000Z"


def test_a_line_tells_what_the_model_decided_and_what_that_earned() -> None:
    written = line(a_joined(reward=Decimal("0.25")), an_example())
    assert choice(written) == Choice((0.75, 0.25), 1, 0.25, NOW)


def test_the_applications_own_choice_is_the_first_of_the_candidates() -> None:
    decision = Decision((2, 0, 1), (0.5, 0.3, 0.2), ())
    found = choice(line(a_joined(), an_example(decision=decision)))
    assert found is not None
    assert found.own == 1


@pytest.mark.parametrize("mode", [LearningMode.APPRENTICE, LearningMode.LOGGING_ONLY])
def test_a_line_tells_of_no_choice_that_the_model_did_not_make(mode: LearningMode) -> None:
    assert choice(line(a_joined(learning_mode=mode), an_example())) is None


def test_where_there_is_one_action_there_is_no_choice() -> None:
    alone = an_example(decision=Decision((0,), (1.0,), ()))
    assert choice(line(a_joined(), alone)) is None
