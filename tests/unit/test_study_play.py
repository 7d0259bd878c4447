"""How the learning study plays: what a contender is asked and told, and when."""

from dataclasses import dataclass, field
from random import Random

import pytest

from benchmarks.learning.play import Pay, Setting, played
from benchmarks.learning.worlds import Visit, World

VISITS = 12
WORLD = World(
    "abc", "letters", ("a", "b", "c"), tuple(Visit({}, {}, "abc"[n % 3]) for n in range(VISITS))
)


@dataclass
class Recorder:
    """Always says the same, and writes down what happens."""

    says: str = "a"
    events: list[tuple[str, int | None]] = field(default_factory=list)

    def choose(self, number: int, visit: Visit) -> str:
        self.events.append(("choose", number))
        return self.says

    def reward(self, number: int, value: float) -> None:
        self.events.append(("reward", number))

    def learn(self) -> None:
        self.events.append(("learn", None))

    def close(self) -> None:
        pass

    def all(self, name: str) -> list[int | None]:
        return [number for event, number in self.events if event == name]


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


def _play(recorder: Recorder, setting: Setting) -> list[float]:
    return played(recorder, WORLD, setting, Random(1))


def test_only_the_right_action_pays(recorder: Recorder) -> None:
    assert _play(recorder, Setting()) == [1.0, 0.0, 0.0] * 4


def test_by_default_every_choice_is_heard_of_and_learned_at_once(recorder: Recorder) -> None:
    _play(recorder, Setting())
    assert recorder.events[:4] == [("choose", 0), ("reward", 0), ("learn", None), ("choose", 1)]


def test_the_visits_of_a_batch_are_learned_together(recorder: Recorder) -> None:
    _play(recorder, Setting(batch=6))
    assert [at for at, (name, _) in enumerate(recorder.events) if name == "learn"] == [12, 25]


def test_delayed_rewards_come_so_many_visits_later(recorder: Recorder) -> None:
    _play(recorder, Setting(delay=3))
    assert recorder.events.index(("reward", 0)) == recorder.events.index(("choose", 3)) + 1
    assert recorder.all("reward") == [*range(VISITS - 3)]


def test_of_worthless_choices_nothing_is_heard_where_all_are_silent(recorder: Recorder) -> None:
    _play(recorder, Setting(silent=1.0))
    assert recorder.all("reward") == [0, 3, 6, 9]


def test_every_second_wrong_choice_may_be_harmful(recorder: Recorder) -> None:
    assert _play(recorder, Setting(pay=Pay(harmful=-1.0)))[:3] == [1.0, -1.0, 0.0]


def test_a_world_that_changes_half_way_calls_for_the_next_action_from_then_on() -> None:
    changed = WORLD.changed_half_way()
    assert [visit.best for visit in changed.visits] == [*"abcabc", *"bcabca"]
