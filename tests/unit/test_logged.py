"""A decision of the log, and how another policy would have made it."""

import math

from personalizer.domain.evaluation.logged import Logged
from personalizer.domain.rival import HEAVIEST


def logged(*probabilities: float) -> Logged:
    return Logged(at=0, chosen=1, probabilities=probabilities, reward=1.0)


def test_a_weight_tells_how_much_likelier_the_choice_was() -> None:
    assert logged(0.75, 0.25).weight(0.5) == 2


def test_what_could_not_be_shown_and_was_weighs_as_much_as_anything_may() -> None:
    assert logged(1.0, 0.0).weight(0.5) == HEAVIEST


def test_the_heaviest_weight_is_that_of_any_action() -> None:
    assert logged(0.1, 0.9).heaviest([0.5, 0.5]) == 5
    assert logged(0.0, 1.0).heaviest([0.5, 0.5]) == math.inf
