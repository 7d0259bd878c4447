"""Can a result be trusted?"""

import math
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest

from benchmarks.evaluation.coverage import drawn
from benchmarks.evaluation.scenarios import SCENARIOS, Scenario, Table, floored
from personalizer.domain.evaluation.flags import flags
from personalizer.domain.evaluation.result import (
    EvaluationResult,
    Flag,
    PolicyResult,
    PolicySource,
    Read,
)
from personalizer.domain.evaluation.sums import Sums
from personalizer.domain.health import Range

CLICKS = Range(0.0, 1.0)
SOUND = Read(segments=3, scored=1_000)


def policy(total: Sums, source: PolicySource = PolicySource.CUSTOM) -> PolicyResult:
    return PolicyResult("mine", source, windows={0: total})


def summed(events: Iterable[tuple[float, float]]) -> Sums:
    total = Sums()
    for weight, reward in events:
        total.add(weight, reward, robust=0.0)
    return total


def rules(read: Read, total: Sums, heaviest: float = 50.0) -> list[str]:
    return [flag.rule for flag in flags(read, CLICKS, heaviest, [policy(total)])]


def half_matched(events: int = 1_000) -> Sums:
    return summed((2.0 * (number % 2), 1.0) for number in range(events))


def luck(scenario: Scenario) -> Table:
    return floored(scenario.served, 1.0)


def test_a_sound_log_is_not_flagged() -> None:
    assert flags(SOUND, CLICKS, 50.0, [policy(half_matched())]) == ()


@pytest.mark.parametrize(
    ("read", "rule"),
    [
        (replace(SOUND, scored=299), "fewEvents"),
        (replace(SOUND, lost=1, lost_lines=20), "lostSegments"),
        (replace(SOUND, unsupported=1), "noChance"),
    ],
)
def test_what_is_wrong_with_a_log_is_told(read: Read, rule: str) -> None:
    assert rules(read, half_matched()) == [rule]


def test_a_flag_says_how_much_is_missing() -> None:
    (flag,) = flags(replace(SOUND, lost=1, lost_lines=1_200), CLICKS, 50.0, [])
    text = "1 of 3 segments of the log could not be read: up to 1,200 events are missing."
    assert flag == Flag("lostSegments", text)


@pytest.mark.parametrize("reward", [-0.5, 2.0])
def test_rewards_beyond_what_a_policy_learns_from_are_told(reward: float) -> None:
    assert rules(SOUND, half_matched() + summed([(1.0, reward)])) == ["rewardsOutOfRange"]


def test_a_policy_that_hardly_ever_chooses_what_was_shown_is_told() -> None:
    total = summed([(0.0, 1.0)] * 995 + [(200.0, 1.0)] * 5)
    assert rules(SOUND, total, heaviest=200.0) == ["fewEffectiveEvents"]


def test_one_event_that_counts_for_most_is_told() -> None:
    total = half_matched(3_000) + summed([(1_500.0, 1.0)])
    assert rules(SOUND, total, heaviest=2_000.0) == ["fewEffectiveEvents", "oneEvent"]


def test_a_flag_names_the_policy_it_is_about() -> None:
    (flag,) = flags(SOUND, CLICKS, 50.0, [policy(summed([(0.5, 1.0)] * 20_000))])
    assert (flag.rule, flag.policy) == ("propensities", "mine")
    assert "mean importance weight is 0.5" in flag.text


def test_weights_that_are_all_one_are_sound() -> None:
    assert rules(SOUND, summed([(1.0, 1.0)] * 1_000), heaviest=math.inf) == []


def test_rounding_is_no_reason_to_doubt() -> None:
    assert rules(SOUND, summed([(1 + 2e-16, 1.0)] * 1_000)) == []


def test_what_could_not_be_shown_may_be_what_is_missing() -> None:
    """With an action without any chance, weights are less than 1 on average, and rightly so."""
    assert rules(SOUND, summed([(0.5, 1.0)] * 20_000), heaviest=math.inf) == []


# Over many logs


def alarms(scenario: Scenario, events: int = 1_000) -> float:
    """The share of logs whose propensities are said to be wrong."""
    logs = drawn(scenario, 100, events)
    return float(np.mean(["propensities" in rules(SOUND, s, scenario.heaviest) for s in logs]))


@pytest.mark.parametrize("name", SCENARIOS)
def test_sound_logs_are_hardly_ever_called_wrong(name: str) -> None:
    """Of the evaluated policy and of luck; heavy weights that never came are reckoned with."""
    scenario = SCENARIOS[name]()
    assert alarms(scenario) <= 0.02
    assert alarms(replace(scenario, evaluated=luck(scenario))) <= 0.02


@pytest.mark.parametrize("name", ["S1", "S4"])
def test_probabilities_of_another_policy_are_called_wrong(name: str) -> None:
    """What was shown was drawn at random, and logged as if the model had chosen it."""
    told = SCENARIOS[name]()
    wrong = replace(told, served=luck(told), evaluated=luck(told) ** 2 / told.served)
    assert alarms(wrong) == 1


# The headline


def result(*policies: PolicyResult) -> EvaluationResult:
    return EvaluationResult(policies, CLICKS, heaviest=50.0, until=0, read=SOUND, optimal="mine")


def test_of_what_was_served_an_average_is_known() -> None:
    """A thousand decisions without any click: it may yet be three in a thousand."""
    served = policy(summed([(1.0, 0.0)] * 1_000), PolicySource.ONLINE)
    earned = result(served).earned(served, served.total)
    assert (earned.reward, earned.low) == (0, 0)
    assert 0.002 < earned.high < 0.005


def test_the_best_of_many_is_known_less_well() -> None:
    one = policy(half_matched(300))
    many = replace(one, compared=20)
    assert result(many).earned(many, one.total).low < result(one).earned(one, one.total).low


def test_an_estimate_is_within_its_interval() -> None:
    heavy = policy(summed([(0.0, 0.0)] * 20 + [(50.0, 1.0)]))
    earned = result(heavy).earned(heavy, heavy.total)
    assert earned.low <= earned.reward <= earned.high
