"""Whether what an evaluation put in place did worse: as bets tell."""

import random

from personalizer.domain.evaluation.logged import Logged
from personalizer.domain.evaluation.watch import WATCHED_MS, Watch, weigh
from personalizer.domain.health import Range
from personalizer.domain.loop import ObjectRef

SERVED, BEFORE = (0.9, 0.05, 0.05), (0.0, 1.0, 0.0)
"""One all but always shows the first of three actions, the other would show the second."""
FLOOR = 0.15
MODEL = ObjectRef("model", "")


def watched(seed: int, pays: tuple[float, float, float], events: int = 1_000) -> bool:
    """Whether it is ever found to be lost, however often one looks."""
    luck, rewards = random.Random(seed), Range(0.0, 1.0)
    watch = Watch(2, 2, 1, MODEL, 0, rewards, 0)
    for at in range(events):
        (chosen,) = luck.choices(range(3), SERVED)
        reward = float(luck.random() < pays[chosen])
        weigh(watch.gain, rewards, Logged(at, chosen, SERVED, reward), BEFORE, FLOOR)
        if at % 50 == 0 and watch.is_lost:
            return True
    return False


def test_a_policy_that_does_worse_is_found_out() -> None:
    assert all(watched(seed, (0.3, 0.7, 0.3)) for seed in range(10))


def test_one_that_does_as_well_hardly_ever_is() -> None:
    assert sum(watched(seed, (0.5, 0.5, 0.5)) for seed in range(40)) <= 2


def test_one_that_does_better_never_is() -> None:
    assert not any(watched(seed, (0.7, 0.3, 0.3)) for seed in range(10))


def test_a_decision_counts_as_it_would_have_been_served() -> None:
    watch = Watch(2, 2, 1, MODEL, 0, Range(-1.0, 1.0), 0)
    weigh(watch.gain, watch.rewards, Logged(0, 1, SERVED, 0.0), (0.0, 3.0, 1.0), 0.3)
    expected = type(watch.gain)()
    expected.add((0.7 * 0.75 + 0.1) / 0.05, (0.7 * 0.75 + 0.1) / 0.05, 0.5)
    assert watch.gain == expected


def test_a_watch_ends_two_weeks_after() -> None:
    watch = Watch(2, 2, 1, MODEL, 1_000, Range(0.0, 1.0), 1_000)
    assert not watch.is_over
    assert Watch(2, 2, 1, MODEL, 1_000, Range(0.0, 1.0), 1_000 + WATCHED_MS).is_over
