"""How soon a loop earns again what it earned before."""

from benchmarks.learning.recovery import WINDOW, Recovery, recovery

BEFORE = [0.0] * WINDOW + [1.0] * 200
"""Four fifths of 1 are first reached by a window that ends 80 visits into the ones."""


def test_both_ways_are_counted_from_their_own_start() -> None:
    assert recovery([*BEFORE, *BEFORE]) == Recovery(1.0, WINDOW + 80, WINDOW + 80)


def test_a_loop_that_learns_again_sooner_says_so() -> None:
    after = [0.0] * 20 + [1.0] * 280
    assert recovery([*BEFORE, *after]).recovered == WINDOW


def test_a_loop_that_never_recovers_is_given_all_visits() -> None:
    assert recovery([*BEFORE, *[0.0] * 300]).recovered == 300
