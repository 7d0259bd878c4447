"""The arguments of a learning policy."""

import math

import pytest

from personalizer.domain.loop import DEFAULT_POLICY
from personalizer.domain.policy import (
    MAX_CUBIC_CONTEXT,
    cost_range,
    effective,
    is_cubic,
    too_wide,
    value,
    without_cubic,
)


def test_an_option_has_a_value() -> None:
    assert value("--cb_type mtr -q :i", "-q") == ":i"


def test_an_absent_option_has_none() -> None:
    assert value("--cb_type mtr", "--epsilon") is None


def test_the_default_policy_is_cubic() -> None:
    assert is_cubic(DEFAULT_POLICY)


def test_every_cubic_term_is_dropped_and_all_else_stays() -> None:
    arguments = "--cubic ::i --cb_explore_adf --cubic :jj -q :i"
    assert without_cubic(arguments) == "--cb_explore_adf -q :i"


@pytest.mark.parametrize(("size", "wide"), [(MAX_CUBIC_CONTEXT, False), (61, True), (10_000, True)])
def test_a_cubic_policy_affords_sixty_context_features(size: int, wide: bool) -> None:
    assert too_wide(DEFAULT_POLICY, size) is wide


def test_a_quadratic_policy_affords_any_context() -> None:
    assert not too_wide("--cb_explore_adf -q :i", 10_000)


def test_a_narrow_context_leaves_the_policy_as_it_is() -> None:
    assert effective(DEFAULT_POLICY, MAX_CUBIC_CONTEXT) == DEFAULT_POLICY


def test_a_wide_context_costs_the_cubic_terms() -> None:
    assert effective(DEFAULT_POLICY, 61) == without_cubic(DEFAULT_POLICY)


def test_the_policy_says_the_range_of_its_costs() -> None:
    assert cost_range("--cb_min_cost -1 --cb_explore_adf --cb_max_cost 2.5") == (-1.0, 2.5)


def test_a_policy_without_a_range_takes_any_cost() -> None:
    assert cost_range("--cb_explore_adf") == (-math.inf, math.inf)
