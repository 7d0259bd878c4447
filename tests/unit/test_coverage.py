"""How often is the truth in an interval? Part of `python -m benchmarks.evaluation.coverage`."""

import pytest

from benchmarks.evaluation.coverage import cell
from benchmarks.evaluation.scenarios import SCENARIOS


@pytest.mark.parametrize("events", [300, 1_000])
@pytest.mark.parametrize("name", SCENARIOS)
def test_the_truth_is_nearly_always_in_the_interval(name: str, events: int) -> None:
    """Of 60 logs with a seed, where 95 % promise 57 on average."""
    assert cell(name, events, logs=60).coverage >= 0.92


def test_rare_clicks_and_heavy_weights_are_where_a_gaussian_interval_fails() -> None:
    for name in ("S1", "S2"):
        found = cell(name, 300, logs=60)
        assert found.coverage >= 0.95 > 0.85 > found.azure_coverage


@pytest.mark.parametrize("name", ["S1", "S3", "S5"])
def test_the_estimate_has_half_the_error_of_inverse_propensities(name: str) -> None:
    found = cell(name, 1_000, logs=60)
    assert found.error < 0.5 * found.azure_error


def test_five_thousand_events_are_enough_to_be_sure_within_a_few_hundredths() -> None:
    assert cell("S1", 5_000, logs=20).width <= 0.085
