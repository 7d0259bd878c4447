"""Which action to show, and the ranking that a client sees."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalizer.domain.decision import (
    Decision,
    RankedAction,
    baseline,
    decide,
    ranked_actions,
    shown,
)
from personalizer.domain.event import LearningMode


def test_a_greedy_draw_keeps_the_predicted_order() -> None:
    assert decide([2, 0, 1], [0.8, 0.1, 0.1], [], 0).order == (2, 0, 1)


def test_the_sampled_action_swaps_places_with_the_first() -> None:
    assert decide([2, 0, 1], [0.8, 0.1, 0.1], [], 0.95).order == (1, 0, 2)


def test_a_probability_travels_with_its_action() -> None:
    assert decide([2, 0, 1], [0.7, 0.2, 0.1], [], 0.95).probabilities == (0.1, 0.2, 0.7)


def test_the_ranking_follows_the_decision() -> None:
    decision = Decision((1, 0), (0.9, 0.1), ())
    assert ranked_actions(decision, ["a", "b"]) == [RankedAction("b", 0.9), RankedAction("a", 0.1)]


def test_excluded_actions_keep_their_place_with_probability_zero() -> None:
    decision = Decision((1, 0), (0.9, 0.1), ((1, "x"), (3, "y")))
    assert [action.id for action in ranked_actions(decision, ["a", "b"])] == ["b", "x", "a", "y"]


def test_the_chosen_need_not_be_first() -> None:
    decision = decide([0], [1.0], [(0, "x")], 0.5)
    assert ranked_actions(decision, ["a"]) == [RankedAction("x", 0.0), RankedAction("a", 1.0)]


OTHERS = [LearningMode.APPRENTICE, LearningMode.LOGGING_ONLY]


def test_online_the_decision_is_shown() -> None:
    decision = Decision((2, 0, 1), (0.8, 0.1, 0.1), ())
    assert shown(decision, LearningMode.ONLINE) is decision


@pytest.mark.parametrize("mode", OTHERS)
def test_in_other_modes_the_first_candidate_is_shown_for_certain(mode: LearningMode) -> None:
    decision = shown(Decision((2, 0, 1), (0.8, 0.1, 0.1), ()), mode)
    assert decision == baseline(3, []) == Decision((0, 1, 2), (1.0, 0.0, 0.0), ())


@pytest.mark.parametrize("mode", OTHERS)
def test_in_other_modes_the_ranking_has_the_requests_order(mode: LearningMode) -> None:
    decision = shown(Decision((1, 0), (0.9, 0.1), ((0, "x"), (2, "y"))), mode)
    assert ranked_actions(decision, ["a", "b"]) == [
        RankedAction("x", 0.0),
        RankedAction("a", 1.0),
        RankedAction("y", 0.0),
        RankedAction("b", 0.0),
    ]


@given(st.lists(st.booleans(), min_size=1, max_size=50).filter(lambda e: not all(e)), st.data())
def test_every_action_is_ranked_once_and_every_excluded_one_stays(
    excluded: list[bool], data: st.DataObject
) -> None:
    names = [f"a{position}" for position in range(len(excluded))]
    candidates = [name for name, out in zip(names, excluded, strict=True) if not out]
    order = data.draw(st.permutations(range(len(candidates))))
    kept = [(position, names[position]) for position, out in enumerate(excluded) if out]
    decision = decide(order, [1 / len(order)] * len(order), kept, data.draw(st.floats(0, 0.999)))
    ids = [action.id for action in ranked_actions(decision, candidates)]
    assert sorted(ids) == sorted(names)
    assert all(ids[position] == name for position, name in kept)
