"""What several rewards come to."""

import random
from collections.abc import Sequence
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalizer.domain.event import OF_ALL, Aggregation
from tests.aggregates import aggregate


def of(aggregation: Aggregation, *values: str) -> Decimal:
    return OF_ALL[aggregation]([Decimal(value) for value in values])


@pytest.mark.parametrize("aggregation", OF_ALL)
@pytest.mark.parametrize("value", ["0.7", "0", "-0.123456789"])
def test_one_reward_is_what_it_is(aggregation: Aggregation, value: str) -> None:
    assert of(aggregation, value) == Decimal(value)


@pytest.mark.parametrize(
    ("aggregation", "expected"),
    [
        (Aggregation.AVERAGE, "0.2"),
        (Aggregation.MEDIAN, "0.3"),
        (Aggregation.MIN, "-0.6"),
        (Aggregation.MAX, "0.9"),
    ],
)
def test_each_aggregation_has_its_own_answer(aggregation: Aggregation, expected: str) -> None:
    assert of(aggregation, "0.9", "-0.6", "0.3") == Decimal(expected)


@pytest.mark.parametrize(
    ("aggregation", "expected"),
    [
        (Aggregation.AVERAGE, "-0.5"),
        (Aggregation.MEDIAN, "-0.4"),
        (Aggregation.MIN, "-0.9"),
        (Aggregation.MAX, "-0.2"),
    ],
)
def test_rewards_that_are_all_negative_stay_negative(
    aggregation: Aggregation, expected: str
) -> None:
    assert of(aggregation, "-0.2", "-0.9", "-0.4") == Decimal(expected)


def test_the_median_of_an_even_count_is_the_mean_of_the_middle_two() -> None:
    assert of(Aggregation.MEDIAN, "1", "0.000000001", "-1", "0.000000002") == Decimal("1.5e-9")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (("1", "0", "0"), "0.333333333"),
        (("-1", "-1", "0"), "-0.666666667"),
        (("0.1", "0.2"), "0.15"),
    ],
)
def test_an_average_is_rounded_to_nine_places(values: Sequence[str], expected: str) -> None:
    assert of(Aggregation.AVERAGE, *values) == Decimal(expected)


@pytest.mark.parametrize("aggregation", OF_ALL)
@given(st.lists(st.decimals(-1, 1, places=9), min_size=1, max_size=9), st.randoms())
def test_every_aggregation_is_exact_whatever_the_order(
    aggregation: Aggregation, values: list[Decimal], chance: random.Random
) -> None:
    expected = aggregate(aggregation, values)
    chance.shuffle(values)
    assert OF_ALL[aggregation](values) == expected
