"""What an evaluation that nobody asked for may put in place."""

from dataclasses import replace

import pytest

from personalizer.domain.evaluation.adoption import adopted
from personalizer.domain.evaluation.result import (
    EvaluationResult,
    Flag,
    Learned,
    PolicyResult,
    PolicySource,
    Read,
)
from personalizer.domain.health import Range
from personalizer.domain.replay import NO_REPLAY

MODEL = Learned("key", "--cb_explore_adf", 1.0, NO_REPLAY, 0, 1_000)
ONLINE = PolicyResult("online", PolicySource.ONLINE)
BETTER = PolicyResult(
    "Hyper1", PolicySource.OFFLINE_EXPERIMENTATION, compared=40, gain=(0.01, 0.2), learned=MODEL
)


def a_result(
    *flags: Flag, optimal: str = "Hyper1", best: PolicyResult = BETTER
) -> EvaluationResult:
    policies = (ONLINE, best)
    return EvaluationResult(policies, Range(0, 1), 60.0, 0, Read(), optimal, flags)


def test_a_policy_that_is_surely_better_is_adopted() -> None:
    assert adopted(a_result()) == (BETTER, "")


@pytest.mark.parametrize(
    ("best", "why"),
    [
        (replace(BETTER, gain=(0.0, 0.2)), "cannot tell"),
        (replace(BETTER, gain=(-0.1, 0.3)), "cannot tell"),
        (replace(BETTER, gain=None), "cannot tell"),
        (replace(BETTER, learned=None), "no model"),
        (replace(BETTER, source=PolicySource.CUSTOM), "no other policy"),
    ],
)
def test_one_that_may_not_be_is_not(best: PolicyResult, why: str) -> None:
    found, reason = adopted(a_result(best=best))
    assert found is None
    assert why in reason


@pytest.mark.parametrize("optimal", ["online", "", "unknown"])
def test_what_is_served_stays_if_it_is_the_best(optimal: str) -> None:
    assert adopted(a_result(optimal=optimal))[0] is None


@pytest.mark.parametrize("policy", ["", "Hyper1"])
def test_nothing_is_adopted_by_a_doubtful_result(policy: str) -> None:
    found, reason = adopted(a_result(Flag("MeanWeight", "far from 1", policy)))
    assert found is None
    assert "MeanWeight" in reason


def test_doubts_about_other_policies_do_not_matter() -> None:
    assert adopted(a_result(Flag("MeanWeight", "far from 1", "baseline1")))[0] is BETTER
