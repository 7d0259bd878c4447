"""Features that matter come out on top, and noise as noise."""

import random
from statistics import fmean

import pytest

from personalizer.domain.evaluation import cressie_read
from personalizer.domain.evaluation.census import Census, Valued
from personalizer.domain.evaluation.feature import Feature
from personalizer.domain.evaluation.importance import scores
from personalizer.domain.evaluation.result import FeatureScore
from personalizer.domain.evaluation.sums import Sums
from personalizer.domain.evaluation.weights import Weights

EVENTS = 3000
STRONG, WEAK, NOISE = (Feature("FromUrl", name) for name in ("strong", "weak", "noise"))
HEAVIEST = 10.0


def estimate(weights: Weights) -> float:
    sums = Sums()
    for weight, reward in weights:
        sums.add(weight, reward, reward)
    return cressie_read.estimate(sums, HEAVIEST)


def policy(seed: int, skill: float, luck: float = 0.0) -> Weights:
    """On a log of uniform choices among two: how often it would choose what is right. With the same
    seed the log is the same, and so is what is hard to tell in it."""
    log, own = random.Random(seed), random.Random(skill + luck)
    made = Weights()
    for _ in range(EVENTS):
        reward, difficulty = float(log.random() < 0.5), log.random()
        if luck and own.random() < 0.1:
            difficulty = own.random()
        is_right = difficulty < skill
        made.add(2.0 if is_right == bool(reward) else 0.0, reward)
    return made


def census() -> Census:
    counts = Census()
    found = [Valued(feature, 1) for feature in (STRONG, WEAK, NOISE)]
    counts.add(found, [])
    return counts


def scored(seed: int) -> dict[Feature, FeatureScore]:
    without = {STRONG: policy(seed, 0.6), WEAK: policy(seed, 0.8), NOISE: policy(seed, 0.9, 0.5)}
    placebos = [policy(seed, 0.9, luck) for luck in (1, 2, 3, 4, 5)]
    found = scores(policy(seed, 0.9), without, placebos, census(), estimate)
    assert [each.score for each in found] == sorted((s.score for s in found), reverse=True)
    return {Feature(each.namespace, each.feature): each for each in found}


def test_scores_go_by_what_is_lost() -> None:
    found = scored(1)
    assert found[STRONG].score == 100.0
    assert 20 < found[WEAK].score < 50
    assert found[NOISE].score == 0.0


def test_the_interval_of_a_drop_holds_it() -> None:
    for seed in range(20):
        low, high = scored(seed)[STRONG].drop
        assert low < 0.3 < high
        assert high - low < 0.1


def test_noise_is_rarely_taken_for_more() -> None:
    intervals = [scored(seed)[NOISE].drop for seed in range(40)]
    assert fmean(low <= 0 <= high for low, high in intervals) >= 0.95


def test_a_namespace_is_compared_with_namespaces() -> None:
    whole, single = Feature("FromUrl"), STRONG
    without = {whole: policy(1, 0.5), single: policy(1, 0.6)}
    found = scores(policy(1, 0.9), without, [], census(), estimate)
    assert [(each.feature, each.score) for each in found] == [("", 100.0), ("strong", 100.0)]


def test_where_nothing_matters_nothing_has_a_score() -> None:
    same = policy(1, 0.9)
    (found,) = scores(same, {NOISE: same}, [], census(), estimate)
    assert (found.score, found.drop) == (0.0, (0.0, 0.0))


@pytest.mark.parametrize("events", [0, 1])
def test_of_too_few_events_nothing_can_be_told(events: int) -> None:
    few = Weights()
    for _ in range(events):
        few.add(1.0, 1.0)
    (found,) = scores(few, {NOISE: few}, [], census(), estimate)
    assert found.score == 0.0
    assert found.drop[0] < 0 < found.drop[1]
