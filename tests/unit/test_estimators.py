"""What a policy earns, from sums: the numbers of Azure, and those of the package vw-estimators."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from itertools import batched
from operator import add
from random import Random

import msgspec
import pytest
from estimators.bandits import cressieread, cs, gaussian, ips, snips
from scipy.stats import binom, f, t

from benchmarks.evaluation.scenarios import SCENARIOS
from personalizer.domain.evaluation import cressie_read
from personalizer.domain.evaluation.anytime import Anytime
from personalizer.domain.evaluation.gaussian import (
    azure_half_width,
    doubly_robust_interval,
    gain_interval,
    ips_interval,
)
from personalizer.domain.evaluation.student import squared_quantile
from personalizer.domain.evaluation.sums import Sums
from personalizer.domain.health import Range

ALPHAS = (0.05, 0.05 / 20)


@dataclass(frozen=True, slots=True)
class Log:
    """Weights and rewards, and the greatest weight that could have come."""

    events: tuple[tuple[float, float], ...]
    rewards: Range
    heaviest: float

    def sums(self) -> Sums:
        sums = Sums()
        for weight, reward in self.events:
            sums.add(weight, reward, robust=0.0)
        return sums


def random_log(seed: int) -> Log:
    """Of any number of actions, explored more or less; rewards are 0 or 1, or anything between -1
    and 1, or within other bounds; the bound of the weights is known or not."""
    chance = Random(seed)
    events, count = chance.choice([30, 300, 3_000]), chance.choice([2, 5, 10])
    floor = chance.choice([0.05, 0.2, 1.0])
    low, high = chance.choice([(0.0, 1.0), (-1.0, 1.0), (-3.0, 0.0), (0.0, 10.0)])
    served = [1 - floor + floor / count] + [floor / count] * (count - 1)

    def event() -> tuple[float, float]:
        shown, preferred = chance.choices(range(count), served)[0], chance.randrange(count)
        evaluated = 0.1 / count + 0.9 * (shown == preferred)
        reward = chance.choice([low, high]) if seed % 2 else chance.uniform(low, high)
        return evaluated / served[shown], reward

    heaviest = count / floor if seed % 3 else math.inf
    return Log(tuple(event() for _ in range(events)), Range(low, high), max(heaviest, 1.5))


def real_log(name: str) -> Log:
    scenario = SCENARIOS[name]()
    (weights,), _, (rewards,) = scenario.draw(1, 2_000, seed=1)
    events = tuple(zip(weights.tolist(), rewards.tolist(), strict=True))
    return Log(events, scenario.rewards, scenario.heaviest)


@pytest.fixture(params=[*range(24), *SCENARIOS])
def log(request: pytest.FixtureRequest) -> Log:
    return random_log(request.param) if isinstance(request.param, int) else real_log(request.param)


def close(interval: Range) -> tuple[object, object]:
    return (
        pytest.approx(interval.low, rel=1e-9, abs=1e-9),
        pytest.approx(interval.high, rel=1e-9, abs=1e-9),
    )


# As vw-estimators has them


def test_points_equal_those_of_vw_estimators(log: Log) -> None:
    theirs = ips.Estimator(), snips.Estimator(), cressieread.Estimator(0, log.heaviest)
    for weight, reward in log.events:
        for each in theirs:
            each.add_example(1, reward, weight)
    ours = log.sums()
    points = ours.ips, ours.snips, cressie_read.estimate(ours, log.heaviest)
    assert points == pytest.approx([each.get() for each in theirs], rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("alpha", ALPHAS)
def test_intervals_equal_those_of_vw_estimators(log: Log, alpha: float) -> None:
    low, high = log.rewards.low, log.rewards.high
    theirs = cressieread.Interval(0, log.heaviest, low, high), gaussian.Interval()
    for weight, reward in log.events:
        for each in theirs:
            each.add_example(1, reward, weight)
    ours = log.sums()
    expected = cressie_read.interval(ours, log.rewards, log.heaviest, alpha)
    assert tuple(theirs[0].get(alpha)) == close(expected)
    assert tuple(theirs[1].get(alpha)) == close(ips_interval(ours, alpha))


@pytest.mark.parametrize("alpha", ALPHAS)
def test_the_interval_at_any_time_equals_that_of_vw_estimators(log: Log, alpha: float) -> None:
    theirs, ours = cs.Interval(log.rewards.low, log.rewards.high), Anytime()
    for weight, reward in log.events:
        theirs.add_example(1, reward, weight)
        ours.add(weight, log.rewards.share(reward))
    assert tuple(theirs.get(alpha)) == close(ours.interval(log.rewards, alpha))


@pytest.mark.parametrize("freedom", [1, 2, 3, 10, 59, 61, 300, 5_000, 100_000, 10_000_000])
@pytest.mark.parametrize("alpha", [0.5, 0.05, 0.05 / 2, 0.05 / 40, 0.05 / 500])
def test_quantiles_equal_those_of_scipy(freedom: int, alpha: float) -> None:
    found = squared_quantile(alpha, freedom)
    assert found == pytest.approx(f.isf(alpha, 1, freedom), rel=1e-11)
    assert found == pytest.approx(t.isf(alpha / 2, freedom) ** 2, rel=1e-11)


def test_quantiles_of_one_degree_of_freedom_are_exact() -> None:
    for alpha in (0.9, 0.1, 0.05, 1e-4):
        exact = math.tan(math.pi * alpha / 2) ** -2
        assert squared_quantile(alpha, 1) == pytest.approx(exact, rel=1e-12)


# As Azure has them


@pytest.mark.parametrize(
    ("numerator", "events", "squares", "average", "half_width"),
    [
        (2.2, 196, 2.424, 0.01122449, 0.015529361),
        (22.2, 1906, 2.484, 0.011647429, 0.0015344538),
    ],
)
def test_the_numbers_of_azures_example(
    numerator: float, events: int, squares: float, average: float, half_width: float
) -> None:
    sums = Sums(events=events, wr=numerator, wwrr=squares)
    assert sums.ips == pytest.approx(average, rel=1e-7)
    assert azure_half_width(sums) == pytest.approx(half_width, rel=1e-7)


# Doubly robust, and the gain


def scored(seed: int) -> Iterator[tuple[float, float, float]]:
    """Weights, rewards and doubly robust scores of two actions, of which the second is evaluated:
    it earns 0.7 on average, the first 0.3, and a half is expected of either."""
    chance = Random(seed)
    for _ in range(2_000):
        shown = int(chance.random() < 0.2)
        reward = float(chance.random() < (0.3, 0.7)[shown])
        weight = shown / 0.2
        yield weight, reward, 0.5 + weight * (reward - 0.5)


def summed(seed: int) -> Sums:
    sums = Sums()
    for weight, reward, robust in scored(seed):
        sums.add(weight, reward, robust)
    return sums


def test_what_rewards_were_expected_makes_it_surer() -> None:
    runs = [summed(seed) for seed in range(100)]
    ours = [doubly_robust_interval(sums) for sums in runs]
    assert sum(each.low < 0.7 < each.high for each in ours) >= 90
    assert all(each.width < ips_interval(s).width for each, s in zip(ours, runs, strict=True))
    assert sum(sums.doubly_robust for sums in runs) / 100 == pytest.approx(0.7, abs=0.01)


def test_a_gain_is_between_its_bounds() -> None:
    """The served policy earns 0.8 * 0.3 + 0.2 * 0.7."""
    found = [gain_interval(summed(seed)) for seed in range(100)]
    assert sum(each.low < 0.7 - 0.38 < each.high for each in found) >= 90


def test_what_was_served_gains_nothing_over_itself() -> None:
    sums = Sums()
    for reward in (0.0, 1.0, 1.0):
        sums.add(1.0, reward, reward)
    assert gain_interval(sums) == Range(0, 0)


# Sums


def test_sums_are_those_of_the_events() -> None:
    sums = Sums()
    sums.add(2.0, 0.5, 0.25)
    sums.add(0.0, -1.0, 0.5)
    assert sums == Sums(
        events=2, w=2, ww=4, wr=1, wwr=2, wrr=0.5, wwrr=1, r=-0.5, rr=1.25, matched=1,
        heaviest=2, least_reward=-1, most_reward=0.5, robust=0.75, robust_squares=0.3125,
    )  # fmt: skip
    assert (sums.average_reward, sums.ips, sums.snips, sums.doubly_robust) == (
        -0.25, 0.5, 0.5, 0.375,
    )  # fmt: skip
    assert (sums.mean_weight, sums.mean_weight_error, sums.effective_events) == (1, 1, 1)


def test_parts_of_a_log_add_up_to_the_same(log: Log) -> None:
    parts = [
        Log(each, log.rewards, log.heaviest).sums() for each in batched(log.events, 7, strict=False)
    ]
    total, whole = reduce(add, parts, Sums()), log.sums()
    assert msgspec.structs.astuple(total) == pytest.approx(msgspec.structs.astuple(whole))


def test_the_interval_at_any_time_adds_up_too() -> None:
    log = real_log("S1")
    halves = [Anytime(), Anytime()]
    for number, (weight, reward) in enumerate(log.events):
        halves[number >= 1_000].add(weight, reward)
    both, truth = halves[0] + halves[1], SCENARIOS["S1"]().truth
    found = both.interval(log.rewards)
    assert both.events == 2_000
    assert found.low < truth < found.high
    assert found.width < min(half.interval(log.rewards).width for half in halves)


# Little is known


def test_of_no_events_nothing_is_known() -> None:
    anything = Range(-1.0, 1.0)
    assert cressie_read.interval(Sums(), anything, 10) == anything
    assert cressie_read.served_interval(Sums(), anything) == anything
    assert Anytime().interval(anything) == anything
    assert cressie_read.estimate(Sums(), 10) == 0
    empty = Sums()
    averages = (empty.average_reward, empty.ips, empty.snips, empty.doubly_robust)
    assert averages == (0, 0, 0, 0)
    assert (azure_half_width(empty), empty.mean_weight, empty.effective_events) == (0, 0, 0)
    assert gain_interval(empty) == Range(0, 0)


def test_one_event_may_be_luck() -> None:
    sums = Sums()
    sums.add(2.0, 1.0, 0.0)
    assert cressie_read.interval(sums, Range(0.0, 1.0), 10) == Range(0, 1)


def test_weights_far_from_one_tell_next_to_nothing() -> None:
    sums = Sums()
    for _ in range(100):
        sums.add(0.1, 1.0, 0.0)
    found = cressie_read.interval(sums, Range(0.0, 1.0), 1.01)
    assert found.low < 0.01
    assert found.high == 1


def test_an_interval_never_leaves_the_range_of_rewards() -> None:
    sums = Sums()
    for number in range(1_000):
        sums.add(9.0 + number % 2, 1.0, 0.0)
    found = cressie_read.interval(sums, Range(0.0, 1.0), 10)
    assert 0 <= found.low <= found.high <= 1


def test_weights_beyond_all_numbers_tell_nothing() -> None:
    sums = Sums()
    sums.add(1e200, 1.0, 0.0)
    sums.add(0.0, 1.0, 0.0)
    assert cressie_read.interval(sums, Range(0.0, 1.0), 1e200) == Range(0, 1)


def test_where_no_weight_is_too_great_the_interval_is_wider() -> None:
    log = real_log("S1")
    known, unknown = (
        cressie_read.interval(log.sums(), log.rewards, heaviest)
        for heaviest in (log.heaviest, math.inf)
    )
    assert unknown.low <= known.low <= known.high < unknown.high
    assert cressie_read.interval(log.sums(), log.rewards, 1e150) == unknown


def test_where_rewards_are_all_the_highest_it_may_be_all_of_it() -> None:
    sums = Sums()
    for number in range(1_000):
        sums.add(2.0 * (number % 2), 1.0, 0.0)
    found = cressie_read.interval(sums, Range(0.0, 1.0), 2)
    assert found.low > 0.98
    assert found.high == 1


def test_what_was_served_is_known_as_well_as_an_average() -> None:
    sums, chance = Sums(), Random(3)
    for _ in range(1_000):
        sums.add(1.0, float(chance.random() < 0.4), 0.0)
    found = cressie_read.served_interval(sums, Range(0.0, 1.0))
    assert found.width == pytest.approx(ips_interval(sums).width, rel=0.02)
    assert found.low < 0.4 < found.high


def test_what_was_never_clicked_may_yet_be_now_and_then() -> None:
    """About three times in as many as were seen, as the rule of three has it."""
    found = cressie_read.served_interval(Sums(events=1_000, w=1_000, ww=1_000), Range(0.0, 1.0))
    assert found.low == 0
    assert found.high == pytest.approx(3 / 1_000, rel=0.02)


@pytest.mark.parametrize(("events", "chance"), [(300, 0.01), (1_000, 0.002), (3_000, 0.001)])
def test_a_policy_that_serves_the_same_is_known_as_well_even_where_clicks_are_rare(
    events: int, chance: float
) -> None:
    """Worked out, by how likely each number of clicks is. Rounding changes nothing."""
    for weight in (1.0, 1 + 1e-7):
        found = [
            cressie_read.interval(clicked(events, clicks, weight), Range(0.0, 1.0), 40.0)
            for clicks in range(events)
        ]
        covering = [n for n, each in enumerate(found) if each.low <= chance <= each.high]
        assert sum(binom.pmf(n, events, chance) for n in covering) > 0.94


def clicked(events: int, clicks: int, weight: float) -> Sums:
    return Sums(
        events=events,
        w=events * weight,
        ww=events * weight**2,
        wr=clicks * weight,
        wwr=clicks * weight**2,
        wrr=clicks * weight,
        wwrr=clicks * weight**2,
        r=clicks,
        rr=clicks,
        matched=events,
        heaviest=weight,
        least_reward=0.0,
        most_reward=1.0,
    )
