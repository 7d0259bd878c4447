"""Is what is served better than another policy would have been?"""

import math
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalizer.domain.distribution import normalise
from personalizer.domain.health import Choice
from personalizer.domain.rival import (
    BETS,
    DOUBT,
    HEAVIEST,
    KEPT,
    Rival,
    Trial,
    excess_of,
    weight_of,
)

shares = st.floats(0, 1)
parts = st.lists(
    st.one_of(st.floats(0, 1), st.sampled_from([0.0, 5e-324, 1e-300, 1e-9])),
    min_size=2,
    max_size=20,
)


def capital(*trials: Trial) -> list[float]:
    """What each bet has made of one."""
    rival = Rival()
    for trial in trials:
        rival = rival.after([trial])
    return [math.exp(each) for each in rival.capital]


def trials(probabilities: list[float], rewards: list[float], expected: float) -> list[list[Trial]]:
    """For every action that may be shown, the trials against luck and against the first action."""
    count = len(probabilities)
    order = [(shown, *(i for i in range(count) if i != shown)) for shown in range(count)]
    choices = [Choice(tuple(probabilities[i] for i in o), o.index(0), 0, 0) for o in order]
    return [
        [choice.against_random(reward, expected), choice.against_baseline(reward, expected)]
        for choice, reward in zip(choices, rewards, strict=True)
    ]


def test_who_has_not_bet_knows_nothing() -> None:
    assert (Rival().confidence, Rival().reward, Rival().least_gain(0)) == (0, 0, -1)


def test_a_bet_is_settled_by_hand() -> None:
    """A reward half a share above what was expected, for a choice that luck makes less often."""
    (first, *_) = capital(Trial(weight=2 / 3, excess=1, share=1, expected=0.5))
    assert first == pytest.approx(1 + 1 / 8 * (1 - 0.5) * (1 - 2 / 3))
    (first, *_) = capital(Trial(weight=2, excess=1, share=0, expected=0.75))
    assert first == pytest.approx(1 + 1 / 8 * (0 - 0.75) * (1 - 2))


def test_what_the_rival_would_have_earned_is_a_weighted_average() -> None:
    rival = Rival().after([Trial(3, 3, 1, 0.5), Trial(1, 1, 0, 0.5)])
    assert (rival.weights, rival.rewards, rival.reward) == (4, 3, 0.75)


def test_confidence_is_what_the_average_capital_leaves_of_doubt() -> None:
    tenfold = Rival(capital=(math.log(10),) * len(BETS))
    assert tenfold.confidence == pytest.approx(0.9)
    assert Rival(capital=(math.log(0.5),) * len(BETS)).confidence == 0


def test_the_least_gain_is_above_zero_once_a_bet_has_made_enough() -> None:
    enough = math.log(len(BETS) / DOUBT)
    assert Rival(capital=(enough,) + (0.0,) * (len(BETS) - 1)).least_gain(9) == pytest.approx(0)
    assert Rival(capital=(2 * enough,) + (0.0,) * (len(BETS) - 1)).least_gain(9) > 0


@given(parts, st.data(), shares)
def test_a_bet_is_never_better_than_fair(
    said: list[float], data: st.DataObject, expected: float
) -> None:
    """Whatever each action earns, and however unlikely some are: a bet grows, on average over the
    actions that may be shown, by no more than its share of what the served policy earns more."""
    served, count = normalise(said), len(said)
    rewards = data.draw(st.lists(shares, min_size=count, max_size=count))
    settled = [[capital(each) for each in pair] for pair in trials(served, rewards, expected)]
    own = math.fsum(p * reward for p, reward in zip(served, rewards, strict=True))
    for rival, theirs in enumerate((sum(rewards) / count, rewards[0])):
        for bet, size in enumerate(BETS):
            grown = math.fsum(p * made[rival][bet] for p, made in zip(served, settled, strict=True))
            assert grown <= 1 + size * (own - theirs) + 1e-6


@given(parts, st.data(), shares)
def test_a_bet_keeps_some_of_its_capital_whatever_happens(
    said: list[float], data: st.DataObject, expected: float
) -> None:
    served, count = normalise(said), len(said)
    rewards = data.draw(st.lists(shares, min_size=count, max_size=count))
    for pair in trials(served, rewards, expected):
        for trial in pair:
            assert min(capital(trial)) >= KEPT - 1e-9


def test_a_weight_has_a_bound() -> None:
    assert weight_of(0.5, 0.25) == 2
    assert weight_of(0.5, 5e-324) == weight_of(0.5, 0) == HEAVIEST


@pytest.mark.parametrize(("heaviest", "by"), [(3, 2), (1, 1e-9), (0.9, 1e-9), (HEAVIEST, math.inf)])
def test_only_weights_above_the_average_call_for_care(heaviest: float, by: float) -> None:
    assert excess_of(heaviest) == by


# Over all time


def bandit(seed: int, events: int, rewarded: float) -> list[bool]:
    """Whether the signal was positive after each event of an eager learner, whose rewards have
    nothing to do with what it shows."""
    chance, rival, positive, favourite = Random(seed), Rival(), list[bool](), 0
    total = 0.0
    for event in range(events):
        served = [0.05 / 5] * 5
        served[favourite] += 0.95
        shown = chance.choices(range(5), served)[0]
        reward = float(chance.random() < rewarded)
        expected = (total + 0.5) / (event + 1)
        weights = [0.2 / p for p in served]
        rival = rival.after([Trial(weights[shown], max(weights) - 1, reward, expected)])
        total += reward
        favourite = shown if reward else (favourite + 1) % 5
        positive.append(rival.confidence >= 1 - DOUBT)
    return positive


@pytest.mark.parametrize("rewarded", [0.1, 0.5, 0.9])
def test_luck_is_hardly_ever_taken_for_learning_however_often_one_looks(rewarded: float) -> None:
    """200 seeded runs, asked after every event: the promise is 10 at most on average."""
    assert sum(any(bandit(seed, 300, rewarded)) for seed in range(200)) <= 10


def test_what_was_gained_and_lost_again_is_no_gain() -> None:
    """The average so far counts: not that there was a time when it was better."""
    winning = [Trial(0.2, 1, 1, 0.5)] * 200 + [Trial(1.8, 1, 0, 0.5)] * 200
    losing = [Trial(0.2, 1, 0, 0.5)] * 200 + [Trial(1.8, 1, 1, 0.5)] * 200
    rival = Rival().after(winning)
    assert rival.confidence > 0.99
    assert rival.after(losing).confidence == 0
