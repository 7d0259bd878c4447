"""The health signal with a real learner, and the default policy.

Small and seeded; `python -m benchmarks.health` is the whole of it.
"""

from benchmarks.health import events_until_positive, is_ever_wrong


def test_a_loop_that_learns_is_soon_said_to() -> None:
    assert events_until_positive(seed=3) <= 500


def test_a_loop_that_cannot_learn_is_not() -> None:
    assert not is_ever_wrong(seed=1)
