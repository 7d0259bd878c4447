"""How a search spends its time: who learns on, how far, and who is best in the end."""

from collections.abc import Callable

import msgspec
import pytest

from personalizer.domain.evaluation import search
from personalizer.domain.evaluation.candidates import Candidate, broad, refined
from personalizer.domain.evaluation.gain import Gain
from personalizer.domain.evaluation.search import NOBODY, Search, Standing
from personalizer.domain.evaluation.sums import Sums
from tests.grounds import a_ground

LINES = 64_000
GROUND = a_ground()
SECONDS_A_LINE = 0.001
PLENTY = 1e6

type World = Callable[[Candidate, int], float]
"""The average reward of a candidate over its first lines."""


def _sums(events: int, average: float) -> Sums:
    """All as likely as they were served, and so many rewards of 1."""
    sums, paid = Sums(), round(events * average)
    for number in range(events):
        sums.add(1.0, float(number < paid), 0.0)
    return sums


class Run:
    """Does what a search asks for until it asks no more, and remembers."""

    def __init__(self, world: World, seconds: float, lines: int = LINES) -> None:
        self.search = Search.begin(GROUND, lines, seconds, NOBODY)
        self.standings: dict[str, Standing] = {}
        self.rungs: list[dict[str, int]] = []
        while asked := self.search.asked(self.standings):
            self.rungs.append({each.candidate.name: each.until for each in asked})
            for candidate, until in asked:
                sums = _sums(1_000 * until // lines, world(candidate, until))
                self.standings[candidate.arguments] = Standing(until, until * SECONDS_A_LINE, sums)
            self.search = self.search.after(self.standings)

    @property
    def best(self) -> Candidate:
        return self.search.ranked(self.standings)[0]

    @property
    def spent(self) -> float:
        return sum(each.seconds for each in self.standings.values())


def _best_is(name: str) -> World:
    return lambda candidate, line: 0.8 if candidate.name == name else 0.5


def _all_alike(candidate: Candidate, line: int) -> float:
    return 0.5


def _names(candidates: tuple[Candidate, ...]) -> list[str]:
    return [each.name for each in candidates]


FIRST = _names(broad(GROUND))


def test_with_time_for_it_all_learn_from_the_whole_log() -> None:
    run = Run(_best_is("Hyper2"), PLENTY)
    assert [*run.rungs[0]] == [*run.rungs[1]] == FIRST
    assert {*run.rungs[0].values()} == {LINES // search.PROBE}
    assert {*run.rungs[1].values()} == {LINES}
    assert run.search.out == ()


def test_a_short_log_is_learned_at_once() -> None:
    run = Run(_best_is("Hyper2"), PLENTY, lines=400)
    assert [*run.rungs[0]] == FIRST
    assert {*run.rungs[0].values()} == {400}


def test_then_some_are_tried_around_the_best() -> None:
    run = Run(_best_is("Hyper2"), PLENTY)
    best = next(each for each in broad(GROUND) if each.name == "Hyper2")
    assert [*run.rungs[2]] == _names(refined(GROUND, best))
    assert run.best == best


def test_one_of_those_may_be_best_in_the_end() -> None:
    best = broad(GROUND)[2]
    finer = refined(GROUND, best)[1]
    worth = {best.name: 0.8, finer.name: 0.9}
    run = Run(lambda candidate, line: worth.get(candidate.name, 0.5), PLENTY)
    assert run.best == finer


def test_without_time_for_it_at_most_half_go_on_at_a_time_and_learn_twice_as_much() -> None:
    run = Run(_all_alike, seconds=300.0)
    for earlier, later in zip(run.rungs, run.rungs[1:], strict=False):
        if len(later) > 2:
            assert len(later) <= (len(earlier) + 1) // 2 + 1
    assert [max(rung.values()) for rung in run.rungs][:3] == [4_000, 8_000, 16_000]
    assert max(run.rungs[-1].values()) == LINES


def test_the_time_is_kept_to() -> None:
    for seconds in (260.0, 400.0, 800.0, 1_500.0):
        assert Run(_all_alike, seconds).spent <= seconds


def test_when_time_is_up_the_best_and_the_loops_own_learn_from_the_whole_log_all_the_same() -> None:
    run = Run(_best_is("Hyper2"), seconds=0.0)
    assert _names(run.search.racing) == ["Present", "Hyper2"]
    assert [run.standings[each.arguments].line for each in run.search.racing] == [LINES, LINES]


def test_the_loops_own_policy_always_goes_on() -> None:
    run = Run(lambda candidate, line: float(candidate.name != "Present"), seconds=300.0)
    assert all("Present" in rung for rung in run.rungs if max(rung.values()) <= LINES // 2)
    assert run.search.racing[0].name == "Present"


def test_who_is_clearly_worse_does_not_go_on_where_time_is_short() -> None:
    good = ["Hyper1", "Hyper3", "Inter-len2"]
    run = Run(lambda candidate, line: 0.9 if candidate.name in good else 0.1, seconds=300.0)
    assert {*run.rungs[1]} == {"Present", *good}


def test_a_slow_starter_that_may_yet_be_the_best_goes_on() -> None:
    def world(candidate: Candidate, line: int) -> float:
        if candidate.name == "Inter-len3":
            return 0.48 if line < LINES // 2 else 0.9
        return 0.5 if candidate.name in ("Hyper1", "Hyper2") else 0.1

    assert Run(world, seconds=400.0).best.name == "Inter-len3"


def test_of_equals_the_loops_own_policy_is_best() -> None:
    assert Run(_all_alike, PLENTY).best.name == "Present"


def test_it_is_the_same_each_time() -> None:
    one, other = (Run(_best_is("Inter-len3"), 500.0) for _ in range(2))
    assert one.rungs == other.rungs
    assert one.search == other.search


def test_nothing_is_decided_before_all_that_was_asked_is_done() -> None:
    begun = Search.begin(GROUND, LINES, PLENTY, NOBODY)
    partly = {
        each.candidate.arguments: Standing(each.until, 1.0, _sums(10, 0.5))
        for each in begun.asked({})[1:]
    }
    assert begun.after(partly) == begun
    assert [each.candidate.name for each in begun.asked(partly)] == ["Present"]


def test_a_search_that_is_over_stays_as_it_is() -> None:
    run = Run(_all_alike, 500.0)
    assert run.search.after(run.standings) == run.search
    assert run.search.asked(run.standings) == []


def test_it_survives_being_written_down() -> None:
    run = Run(_all_alike, 500.0)
    assert msgspec.json.decode(msgspec.json.encode(run.search), type=Search) == run.search


def test_who_cannot_be_learned_is_given_up() -> None:
    begun = Search.begin(GROUND, LINES, 300.0, NOBODY)
    standings = {
        each.candidate.arguments: Standing(each.until, 4.0, _sums(10, 0.5))
        for each in begun.asked({})
    }
    broken = begun.racing[3]
    standings[broken.arguments] = Standing(LINES, 0.0, Sums())
    assert broken in begun.after(standings).out


def test_an_empty_log_asks_for_nothing() -> None:
    run = Run(_all_alike, PLENTY, lines=0)
    assert run.rungs == []
    assert run.best.name == "Present"


def test_what_the_log_does_not_show_earns_the_least_there_is() -> None:
    """Of a policy that prefers another action at half of all visits the log shows the half that it
    agrees with, until a heavy weight comes."""
    own, rare, *_ = broad(GROUND)
    agreed, even = Sums(), _sums(100, 0.7)
    for number in range(100):
        agreed.add(float(number % 2), float(number % 2), 0.0)
    standings = {
        each.arguments: Standing(100, 1.0, agreed if each == rare else even)
        for each in broad(GROUND)
    }
    begun = Search.begin(GROUND, 100, PLENTY, NOBODY)
    assert begun.ranked(standings)[0] == own
    assert begun.ranked(standings)[-1] == rare


@pytest.mark.parametrize(("events", "preferred"), [(100, "Present"), (2_000, "Hyper1")])
def test_the_loops_own_policy_has_the_benefit_of_the_doubt(events: int, preferred: str) -> None:
    """What a lead is worth depends on how many events it is of."""
    standings = {
        each.arguments: Standing(100, 1.0, _sums(events, 0.6 if each.name == "Hyper1" else 0.5))
        for each in broad(GROUND)
    }
    begun = Search.begin(GROUND, 100, PLENTY, NOBODY)
    assert begun.ranked(standings)[0].name == "Hyper1"
    assert begun.preferred(standings).name == preferred


def test_the_last_of_the_scored_events_are_held_out() -> None:
    windows = {start * 300: _sums(10, 0.5) for start in range(10)}
    at = search.boundary(windows)
    before, after = search.split(windows, at)
    assert at == 7 * 300
    assert (before.events, after.events) == (70, 30)


def test_another_policy_is_better_once_its_gain_is_proven_for_all_that_were_compared() -> None:
    run = Run(_all_alike, PLENTY)
    own, other = run.search.racing[:2]
    proven, likely = _gain(400), _gain(100)
    assert likely.is_proven()
    assert not run.search.is_better(other, likely)
    assert run.search.is_better(other, proven)
    assert not run.search.is_better(own, proven)


def _gain(events: int) -> Gain:
    """Of a policy that shows what pays, where half of what is served does."""
    gain = Gain()
    for number in range(events):
        pays = number % 2
        gain.add(2.0 * pays, 2.0, float(pays))
    return gain


def test_events_of_one_window_cannot_be_held_out() -> None:
    windows = {0: _sums(10, 0.5)}
    assert search.boundary(windows) == NOBODY
    assert search.split(windows, NOBODY) == (windows[0] + Sums(), Sums())
