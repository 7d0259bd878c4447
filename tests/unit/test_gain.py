"""By how much is a policy better than the one that was served?"""

import math
from collections.abc import Sequence
from functools import reduce
from operator import add
from random import Random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalizer.domain.distribution import normalise, with_floor
from personalizer.domain.evaluation.gain import BETS, LEVEL, Gain
from personalizer.domain.rival import DOUBT, KEPT

shares = st.floats(0, 1)
parts = st.lists(
    st.one_of(st.floats(0, 1), st.sampled_from([0.0, 5e-324, 1e-300, 1e-9])),
    min_size=2,
    max_size=12,
)


def weights(evaluated: Sequence[float], served: Sequence[float]) -> list[float]:
    return [pi / p if p else math.inf for pi, p in zip(evaluated, served, strict=True)]


def capitals(gain: Gain) -> list[float]:
    return [math.exp(log) for log in (*gain.above, *gain.below)]


def rich(log: float) -> Gain:
    """A thousand events at which one bet made so much."""
    return Gain(1_000, 500.0, above=(-math.inf, log, *LEVEL[2:]))


# One event


def test_a_bet_is_settled_by_hand() -> None:
    gain = Gain()
    gain.add(weight=3, heaviest=3, share=1)
    expected = [1 + bet * (3 - 1) * (1 - 0.5) for bet in BETS]
    assert capitals(gain)[: len(BETS)] == pytest.approx(expected)


def test_the_centre_is_lower_where_a_bet_could_not_be_paid() -> None:
    gain = Gain()
    gain.add(weight=101, heaviest=101, share=0)
    assert math.exp(gain.above[0]) == pytest.approx(KEPT)
    assert math.exp(gain.above[-1]) == pytest.approx(1 - BETS[-1] * 100 / 2)


@given(parts, st.data(), st.lists(st.tuples(st.floats(0, 9), shares), max_size=3))
def test_a_bet_is_never_better_than_fair_and_never_lost(
    said: list[float], data: st.DataObject, before: list[tuple[float, float]]
) -> None:
    """Whatever each action earns, however unlikely some are: on average over the actions that may
    be shown, a bet grows by no more than its share of the true gain."""
    served, count = normalise(said), len(said)
    evaluated = with_floor(normalise(data.draw(st.permutations(said))), 0.05)
    rewards = data.draw(st.lists(shares, min_size=count, max_size=count))
    truth = math.sumprod(evaluated, rewards) - math.sumprod(served, rewards)
    known = Gain()
    for weight, share in before:
        known.add(weight, 9, share)
    start, grown = capitals(known), [0.0] * 2 * len(BETS)
    possible = weights(evaluated, served)
    for weight, probability, reward in zip(possible, served, rewards, strict=True):
        gain = msgspec.convert(msgspec.to_builtins(known), Gain)
        gain.add(weight, max(possible), reward)
        made = [now / was for now, was in zip(capitals(gain), start, strict=True)]
        assert min(made) >= KEPT - 1e-9
        grown = [total + probability * each for total, each in zip(grown, made, strict=True)]
    fair = [1 + bet * truth for bet in BETS] + [1 - bet * truth for bet in BETS]
    assert all(each <= limit + 1e-6 for each, limit in zip(grown, fair, strict=True))


# Bounds


def test_who_has_not_bet_knows_nothing() -> None:
    assert Gain().bounds() == (-1, 1)
    assert not Gain().is_proven()


def test_there_is_a_gain_once_the_capital_is_worth_it() -> None:
    enough = math.log(len(BETS) / DOUBT)
    assert not rich(enough - 0.2).is_proven()
    assert rich(enough).is_proven()


def test_the_best_of_several_has_more_to_prove() -> None:
    enough = rich(math.log(4 * len(BETS) / DOUBT))
    assert enough.is_proven(compared=4)
    assert not enough.is_proven(compared=5)


def test_the_least_gain_is_found_by_hand() -> None:
    """Where one bet has it all, ((capital alpha / bets) ** (1 / events) - 1) / bet."""
    gain = Gain(1_000, 500.0, above=(-math.inf, 20.0, -math.inf, -math.inf, -math.inf))
    expected = math.expm1((20 + math.log(0.01 / len(BETS))) / 1_000) / BETS[1]
    assert gain.lower(0.01) == pytest.approx(expected, abs=1e-9)


def test_less_doubt_is_less_gain() -> None:
    gain = rich(30)
    assert gain.lower(0.1) > gain.lower(0.05) > gain.lower(0.001)
    assert gain.bounds(0.1)[0] == gain.lower(0.05)


# A log


def shown(seed: int, events: int, evaluated: Sequence[float], rewarded: Sequence[float]) -> Gain:
    """Five actions of which the first is served nine times in ten and more."""
    chance, gain, possible = Random(seed), Gain(), weights(evaluated, FIRST)
    for _ in range(events):
        action = chance.choices(range(5), FIRST)[0]
        reward = float(chance.random() < rewarded[action])
        gain.add(possible[action], max(possible), reward)
    return gain


FIRST, SECOND = with_floor([1, 0, 0, 0, 0], 0.1), with_floor([0, 1, 0, 0, 0], 0.1)


def test_parts_of_a_log_add_up() -> None:
    made = [shown(seed, 1_000, SECOND, [0.5, 0.9, 0.5, 0.5, 0.5]) for seed in range(3)]
    total = reduce(add, made, Gain())
    assert total.events == 3_000
    assert total.above == pytest.approx(
        [sum(logs) for logs in zip(*(g.above for g in made), strict=True)]
    )
    assert total.is_proven()


def test_it_survives_a_checkpoint() -> None:
    gain = shown(1, 100, SECOND, [0.5] * 5)
    assert msgspec.json.decode(msgspec.json.encode(gain), type=Gain) == gain


def test_the_gain_is_between_its_bounds_and_better_policies_are_found_out() -> None:
    rewarded = [0.4, 0.9, 0.4, 0.4, 0.4]
    truth = math.sumprod(SECOND, rewarded) - math.sumprod(FIRST, rewarded)
    runs = [shown(seed, 2_000, SECOND, rewarded) for seed in range(50)]
    assert all(low < truth < high for low, high in (gain.bounds() for gain in runs))
    assert sum(gain.is_proven() for gain in runs) >= 45


@pytest.mark.parametrize("rewarded", [0.02, 0.5, 0.98])
def test_luck_is_hardly_ever_taken_for_a_gain(rewarded: float) -> None:
    """300 seeded logs on which all policies are alike: the promise is 15 at most on average."""
    assert sum(shown(s, 300, SECOND, [rewarded] * 5).is_proven() for s in range(300)) <= 15
