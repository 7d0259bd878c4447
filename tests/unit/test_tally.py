"""What is kept of a policy's events."""

from personalizer.domain.evaluation.anytime import Anytime
from personalizer.domain.evaluation.gain import Gain
from personalizer.domain.evaluation.logged import Logged
from personalizer.domain.evaluation.result import WINDOW_MS
from personalizer.domain.evaluation.sums import Sums
from personalizer.domain.evaluation.tally import Tally
from personalizer.domain.health import Range

REWARDS = Range(-1.0, 1.0)
EVENT = Logged(at=WINDOW_MS + 1, chosen=1, probabilities=(0.8, 0.2), reward=0.5)
SERVED, EXPECTED = (0.4, 0.6), (0.0, 0.25)


def tally() -> Tally:
    made = Tally()
    made.add(EVENT, SERVED, EXPECTED, REWARDS)
    return made


def test_an_event_counts_in_its_window_and_in_every_bound() -> None:
    sums, gain, anytime = Sums(), Gain(), Anytime()
    weight = 0.6 / 0.2
    sums.add(weight, 0.5, robust=0.6 * 0.25 + weight * (0.5 - 0.25))
    gain.add(weight, heaviest=weight, share=0.75)
    anytime.add(weight, share=0.75)
    assert tally() == Tally({WINDOW_MS: sums}, gain, anytime)


def test_parts_of_a_log_add_up() -> None:
    both = tally() + tally()
    assert (both.total.events, both.gain.events, both.anytime.events) == (2, 2, 2)


def test_a_copy_goes_its_own_way() -> None:
    kept = tally()
    kept.copy().add(EVENT, SERVED, EXPECTED, REWARDS)
    assert kept == tally()
