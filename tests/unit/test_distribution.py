"""From a model's opinion to the probabilities that are served and logged."""

import hmac
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalizer.domain.distribution import choose, draw, normalise, uniform, with_floor

weights = st.lists(st.floats(width=32), min_size=1, max_size=50)
shares = st.floats(0, 1)


@given(weights)
def test_whatever_a_model_says_becomes_a_distribution(said: list[float]) -> None:
    probabilities = normalise(said)
    assert math.isclose(math.fsum(probabilities), 1)
    assert min(probabilities) >= 0


@pytest.mark.parametrize(
    "nonsense",
    [
        *([math.nan, 1], [math.inf, 1], [math.inf, -math.inf], [math.nan, -1e-9]),
        *([-0.5, 1], [1, -0.5], [0, 0], [1e-9, 1e-9], [1e308, 1e308]),
    ],
)
def test_nonsense_becomes_uniform(nonsense: list[float]) -> None:
    assert normalise(nonsense) == [0.5, 0.5]


def test_a_rounding_error_below_zero_is_zero() -> None:
    assert normalise([-1e-9, 1]) == [0, 1]


def test_a_sum_other_than_one_keeps_the_proportions() -> None:
    assert normalise([1, 3]) == [0.25, 0.75]


@given(weights, shares)
def test_the_floor_leaves_a_distribution_that_never_falls_below_it(
    said: list[float], floor: float
) -> None:
    probabilities = with_floor(normalise(said), floor)
    assert math.isclose(math.fsum(probabilities), 1)
    assert min(probabilities) >= floor / len(said)


def test_the_floor_is_shared_by_all() -> None:
    assert with_floor([1, 0], 0.5) == [0.75, 0.25]


def test_a_draw_is_a_function_of_secret_and_event() -> None:
    assert draw(b"secret", "e-1") == draw(b"secret", "e-1")


@pytest.mark.parametrize("length", [0, 16, 32, 64, 65, 200])
def test_a_draw_is_the_first_53_bits_of_an_hmac(length: int) -> None:
    secret = bytes(range(length))
    digest = hmac.digest(secret, "é-1".encode(), "sha256")
    assert draw(secret, "é-1") == (int.from_bytes(digest[:8]) >> 11) / 2**53


def test_another_secret_draws_another_number() -> None:
    assert draw(b"secret", "e-1") != draw(b"other", "e-1")


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_draw_is_in_the_unit_interval(event_id: str) -> None:
    assert 0 <= draw(b"secret", event_id) < 1


def test_draws_are_uniform() -> None:
    tenths = [int(draw(b"secret", f"e-{n}") * 10) for n in range(10_000)]
    counts = [tenths.count(tenth) for tenth in range(10)]
    assert counts == pytest.approx([1000] * 10, abs=120)  # four standard deviations


@pytest.mark.parametrize(("point", "chosen"), [(0, 0), (0.24, 0), (0.25, 1), (0.75, 2), (0.99, 2)])
def test_the_point_falls_into_the_share_of_the_chosen(point: float, chosen: int) -> None:
    assert choose([0.25, 0.5, 0.25], point) == chosen


def test_what_has_no_share_is_never_chosen() -> None:
    assert choose([0, 1, 0], 0) == 1


def test_what_has_no_share_is_not_chosen_by_a_rounding_error_either() -> None:
    assert choose([0.3, 0.7 - 2e-16, 0], math.nextafter(1, 0)) == 1


def test_a_single_action_is_always_chosen() -> None:
    assert choose(uniform(1), math.nextafter(1, 0)) == 0


@given(weights, shares, st.floats(0, 1, exclude_max=True))
def test_the_chosen_has_a_probability(said: list[float], floor: float, point: float) -> None:
    probabilities = with_floor(normalise(said), floor)
    assert probabilities[choose(probabilities, point)] > 0
