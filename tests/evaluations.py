"""Evaluations made by hand, with real sums."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from personalizer.domain.evaluation.result import (
    BASELINE,
    ONLINE,
    RANDOM,
    WINDOW_MS,
    EvaluationResult,
    FeatureResult,
    FeatureScore,
    Flag,
    PolicyResult,
    PolicySource,
    Read,
)
from personalizer.domain.evaluation.sums import Sums
from personalizer.domain.health import Range

START = 1_700_000_100_000
"""A moment at which a window begins."""
ARGUMENTS = "--cb_explore_adf --cb_type mtr"


def sums_of(events: Iterable[tuple[float, float]]) -> Sums:
    """Of weights and rewards."""
    sums = Sums()
    for weight, reward in events:
        sums.add(weight, reward, weight * reward)
    return sums


def an_online_result(*rewards: float, **changes: Any) -> PolicyResult:
    found = {START: sums_of((1.0, reward) for reward in rewards or (1.0, 0.0, 1.0))}
    return replace(PolicyResult(ONLINE, PolicySource.ONLINE, ARGUMENTS, found), **changes)


def a_policy_result(name: str = "mine", **changes: Any) -> PolicyResult:
    """In two windows, with one between them in which nothing happened."""
    windows = {
        START: sums_of([(2.0, 1.0), (0.0, 0.0), (0.5, 1.0)]),
        START + 2 * WINDOW_MS: sums_of([(1.5, 1.0), (0.25, 0.0)]),
    }
    found = PolicyResult(
        name,
        PolicySource.CUSTOM,
        ARGUMENTS,
        windows,
        compared=2,
        held_out=sums_of([(1.5, 1.0)]),
        gain=(-0.25, 0.5),
        changed=("exploration: greedy instead of regcbopt",),
    )
    return replace(found, **changes)


def a_result(*policies: PolicyResult, **changes: Any) -> EvaluationResult:
    windows = a_policy_result().windows
    compared = (
        an_online_result(),
        PolicyResult(BASELINE, PolicySource.BASELINE, windows=windows),
        PolicyResult(RANDOM, PolicySource.RANDOM, windows=windows),
        *policies,
    )
    result = EvaluationResult(
        policies=compared,
        rewards=Range(0.0, 1.0),
        heaviest=40.0,
        until=START + 3 * WINDOW_MS,
        read=Read(segments=3, scored=5, others=1, lost=1, lost_lines=7),
        optimal=ONLINE,
        flags=(Flag("fewEvents", "There are few events.", "mine"),),
        important=(("FromUrl.hour", "i.id"),),
    )
    return replace(result, **changes)


def a_feature_result(**changes: Any) -> FeatureResult:
    scores = (
        FeatureScore("j", "noise", 3.0, (-0.01, 0.02), 9, 2),
        FeatureScore("FromUrl", "hour", 100.0, (0.1, 0.3), 10, 24),
    )
    found = FeatureResult(scores, START + WINDOW_MS, Read(segments=1, scored=10))
    return replace(found, **changes)
