"""What a model's decisions tell, added up event by event."""

from itertools import batched

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalizer.domain.distribution import normalise
from personalizer.domain.health import LATELY, Choice, Exploration, Health, Range
from tests.factories import NOW

UNIT = Range(0, 1)


def a_choice(*probabilities: float, own: int = 0, reward: float = 1.0, at: int = NOW) -> Choice:
    return Choice(probabilities or (0.75, 0.25), own, reward, at)


def health(*choices: Choice, range_: Range = UNIT) -> Health:
    return Health(range_).after(choices)


# One choice


@pytest.mark.parametrize(
    ("probabilities", "entropy"),
    [((0.25,) * 4, 1), ((1.0, 0.0), 0), ((0.5, 0.5, 0, 0), 0.5)],
)
def test_entropy_is_a_share_of_the_most_there_can_be(
    probabilities: tuple[float, ...], entropy: float
) -> None:
    assert a_choice(*probabilities).entropy == pytest.approx(entropy)


@pytest.mark.parametrize(
    ("probabilities", "greedy"), [((0.6, 0.4), True), ((0.5, 0.5), True), ((0.4, 0.6), False)]
)
def test_a_choice_is_greedy_if_none_was_likelier(
    probabilities: tuple[float, ...], greedy: bool
) -> None:
    assert a_choice(*probabilities).is_greedy is greedy


def test_luck_makes_every_choice_alike() -> None:
    trial = a_choice(0.8, 0.1, 0.05, 0.05).against_random(share=1, expected=0.5)
    assert (trial.weight, trial.excess) == (0.25 / 0.8, 0.25 / 0.05 - 1)


def test_the_application_makes_one_choice_only() -> None:
    own = a_choice(0.2, 0.8, own=0).against_baseline(share=1, expected=0.5)
    another = a_choice(0.8, 0.2, own=1).against_baseline(share=1, expected=0.5)
    assert (own.weight, own.excess) == (5, 4)
    assert (another.weight, another.excess) == (0, 4)


# Rewards


@pytest.mark.parametrize(
    ("reward", "share"), [(-1, 0), (0, 0.5), (0.5, 0.75), (1, 1), (1e6, 1), (-1e6, 0)]
)
def test_a_reward_beyond_the_range_counts_as_its_end(reward: float, share: float) -> None:
    assert Range(-1, 1).share(reward) == share


def test_a_range_may_be_a_point() -> None:
    assert Range(1, 1).share(1) == 0


# Many choices


def test_two_events_by_hand() -> None:
    found = health(
        a_choice(0.75, 0.25, own=1, reward=1, at=NOW + 5),
        a_choice(0.25, 0.75, own=0, reward=0, at=NOW),
    )
    assert (found.events, found.average_reward) == (2, 0.5)
    assert (found.first_at, found.last_at) == (NOW, NOW + 5)
    random, baseline = found.against(found.random), found.against(found.baseline)
    assert random.importance_weight == pytest.approx((2 / 3 + 2) / 2)
    assert random.average_reward == pytest.approx((2 / 3) / (2 / 3 + 2))
    assert random.gain == pytest.approx(0.25)
    assert baseline.importance_weight == 2
    assert (baseline.average_reward, baseline.gain) == (0, 0.5)


def test_what_was_never_shown_has_earned_nobody_knows_what() -> None:
    found = health(a_choice(0.75, 0.25, own=1))
    compared = found.against(found.baseline)
    assert (compared.average_reward, compared.gain, compared.importance_weight) == (None, None, 0)


def test_without_events_there_is_nothing_to_tell() -> None:
    compared = Health().against(Health().random)
    assert (compared.confidence, compared.average_reward, compared.least_gain) == (0, None, -1)
    assert (Health().average_reward, Health().is_learning) == (0, False)


def test_amounts_are_told_in_the_rewards_own_measure() -> None:
    found = health(*[a_choice(0.9, 0.1, reward=10)] * 500, range_=Range(0, 10))
    assert found.average_reward == 10
    assert found.against(found.random).least_gain >= -10


def test_a_model_that_finds_what_pays_is_found_to_learn() -> None:
    """Nine times in ten it takes the action that pays; its gain over luck is .4."""
    greedy, other = a_choice(0.9, 0.1, reward=1), a_choice(0.1, 0.9, own=1, reward=0)
    found = health(*[*[greedy] * 9, other] * 30)
    random = found.against(found.random)
    assert found.is_learning
    assert random.gain == pytest.approx(0.4)
    assert 0 < random.least_gain < 0.4
    assert random.importance_weight == pytest.approx(1)


def test_a_model_that_only_copies_the_application_does_not_beat_it() -> None:
    found = health(*[a_choice(0.9, 0.1), a_choice(0.1, 0.9, own=1)] * 20)
    assert found.baseline.confidence < 0.5


def test_how_freely_it_chose_is_of_late() -> None:
    """A thousand events ago counts a third of what counts now."""
    free, sure = a_choice(0.5, 0.5), a_choice(1.0, 0.0)
    lately = health(*[free] * 5 * LATELY, *[sure] * LATELY).lately
    assert lately.entropy == pytest.approx(0.368, abs=0.01)
    assert lately.events == pytest.approx(LATELY, rel=0.01)


def test_a_share_of_nothing_is_nothing() -> None:
    assert (Exploration().entropy, Exploration().greedy_share) == (0, 0)


choices = st.builds(
    lambda said, own, reward: Choice(tuple(normalise(said)), own % len(said), reward, NOW),
    st.lists(st.floats(0, 1), min_size=2, max_size=6).filter(lambda said: said[0] > 0),
    st.integers(0, 5),
    st.sampled_from([-1e6, -1.0, 0.0, 0.3, 1.0, 1e6]),
)


@given(st.lists(choices, max_size=12), st.integers(1, 12))
def test_how_events_came_in_batches_does_not_count(found: list[Choice], size: int) -> None:
    whole, pieces = health(*found), Health(UNIT)
    for batch in batched(found, size, strict=False):
        pieces = pieces.after(batch)
    assert pieces == whole


@given(st.lists(choices, min_size=1, max_size=12))
def test_whatever_comes_the_numbers_stay_numbers(found: list[Choice]) -> None:
    told = health(*found)
    for rival in (told.random, told.baseline):
        compared = told.against(rival)
        assert 0 <= compared.confidence <= 1
        assert -1 <= compared.least_gain <= 1
    assert 0 <= told.lately.entropy <= 1 + 1e-9
    assert 0 <= told.average_reward <= 1
