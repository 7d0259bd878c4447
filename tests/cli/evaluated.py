"""What an evaluation might have found, of made decisions."""

import random
from collections.abc import Sequence
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

START = 1_790_035_200_000
"""A midnight."""
HOUR_MS = 3_600_000
ACTIONS = 5
FOUND = PolicySource.OFFLINE_EXPERIMENTATION


def a_policy(name: str, skill: float, source: PolicySource = FOUND, **changes: Any) -> PolicyResult:
    """It shows the best action with this probability, and else any."""
    if source is PolicySource.ONLINE:
        return PolicyResult(name, source, windows=_windows(None), **changes)
    return PolicyResult(name, source, windows=_windows(skill), **changes)


def _windows(skill: float | None, events: int = 600) -> dict[int, Sums]:
    """Of a log of random choices, where the best of the actions earns .8 and the others .2."""
    rng, found = random.Random(3), dict[int, Sums]()
    for number in range(events):
        is_best, lucky = rng.random() < 1 / ACTIONS, rng.random()
        reward = float(lucky < (0.8 if is_best else 0.2))
        likely = 0.0 if skill is None else (1 - skill) / ACTIONS + skill * is_best
        weight = 1.0 if skill is None else likely * ACTIONS
        at = START + number * 72 * HOUR_MS // events
        found.setdefault(at - at % WINDOW_MS, Sums()).add(weight, reward, weight * reward)
    return found


def a_result(*others: PolicyResult, optimal: str = ONLINE, **changes: Any) -> EvaluationResult:
    always = (
        a_policy(ONLINE, 0.0, PolicySource.ONLINE, arguments="--cb_explore_adf -q :i"),
        a_policy(BASELINE, 0.1, PolicySource.BASELINE),
        a_policy(RANDOM, 0.0, PolicySource.RANDOM),
    )
    given: dict[str, Any] = {
        "policies": (*always, *others),
        "rewards": Range(0.0, 1.0),
        "heaviest": float(ACTIONS),
        "until": START + 72 * HOUR_MS,
        "read": Read(segments=3, scored=600),
        "optimal": optimal,
    }
    return EvaluationResult(**given | changes)


def scores(*drops: tuple[str, str, float, float]) -> FeatureResult:
    found: Sequence[FeatureScore] = [
        FeatureScore(namespace, feature, max(0.0, 100 * low), (low, high), 40, 7)
        for namespace, feature, low, high in drops
    ]
    flags = (Flag("few-events", "There are few decisions."),)
    return FeatureResult(tuple(found), START, Read(scored=40), flags)
