"""Real logs of a shop, next to what the package obp makes of them: `make open-bandit`."""

import pytest

from benchmarks.evaluation.open_bandit import CASES, DATA, case

pytestmark = pytest.mark.skipif(not DATA.exists(), reason="no data here: `make open-bandit`")


@pytest.mark.parametrize(("campaign", "evaluated"), CASES)
def test_estimates_equal_those_of_obp(campaign: str, evaluated: str) -> None:
    found = case(campaign, evaluated)
    sums, obp = found.policy.total, found.obp
    ours = sums.ips, sums.snips, sums.doubly_robust, sums.average_reward
    theirs = obp["ipw"], obp["snipw"], obp["dr"], obp["clicked"]
    assert ours == pytest.approx(theirs, rel=0, abs=1e-9)


@pytest.mark.parametrize(("campaign", "evaluated"), CASES)
def test_what_was_earned_when_served_is_in_the_interval(campaign: str, evaluated: str) -> None:
    found = case(campaign, evaluated)
    earned = found.result.earned(found.policy, found.policy.total)
    assert earned.low <= found.truth <= earned.high


def test_a_log_that_hardly_tells_is_flagged() -> None:
    """Two of 10,000 decisions are nearly all that the log of the women's campaign, as Thompson
    sampling served it, tells of random choice."""
    assert {flag.rule for flag in case("women", "random").flags} == {
        "fewEffectiveEvents",
        "oneEvent",
    }


@pytest.mark.parametrize(("campaign", "evaluated"), CASES[:3])
def test_logs_that_tell_are_not_flagged(campaign: str, evaluated: str) -> None:
    assert case(campaign, evaluated).flags == ()
