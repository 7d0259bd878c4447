"""An apprentice with a real learner: it costs nothing, learns to agree, and takes over well.

Small and seeded; `python -m benchmarks.learning.apprentice` is the whole of it.
"""

from statistics import mean

import pytest

from benchmarks.learning.apprentice import Career, career, gain

SEED, APPRENTICE, ONLINE = 1, 1200, 400


@pytest.fixture(scope="module")
def segments() -> Career:
    return career("segments", SEED, APPRENTICE, ONLINE)


def test_visitors_are_served_as_the_application_alone_would(segments: Career) -> None:
    assert len(segments.before) == APPRENTICE
    assert all(earned == rule for earned, rule in segments.before)


def test_agreement_rises_far_above_luck(segments: Career) -> None:
    """Of seven actions, luck agrees in .14."""
    assert segments.first.events == APPRENTICE // 4
    assert segments.last.rate > segments.first.rate + 0.1
    assert segments.last.rate > 0.5


def test_what_the_rule_earned_is_told(segments: Career) -> None:
    latest = [earned for earned, _ in segments.before[-segments.last.events :]]
    assert segments.last.average_reward == pytest.approx(mean(latest))


def test_the_model_goes_on_from_what_it_imitated(segments: Career) -> None:
    """A loop that starts anew earns about .3 from its first visitors, the rule about .8."""
    assert mean(earned for earned, _ in segments.after) > 0.5
    assert gain(segments.after) > -0.3
