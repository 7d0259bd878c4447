"""Progressive validation: what a policy would have earned, had it learned along the log."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from random import Random
from typing import Any

import msgspec
import pytest

from personalizer import dsjson
from personalizer.adapters.fake import FakeEngine
from personalizer.domain.decision import Decision
from personalizer.domain.distribution import with_floor
from personalizer.domain.evaluation.feature import Feature
from personalizer.domain.evaluation.gain import Gain
from personalizer.domain.evaluation.result import WINDOW_MS
from personalizer.domain.evaluation.sums import Sums
from personalizer.domain.evaluation.tally import Tally
from personalizer.domain.event import LearningMode
from personalizer.domain.example import Example
from personalizer.domain.health import Range
from personalizer.domain.replay import NO_REPLAY, Replay
from personalizer.ports import Judged
from personalizer.usecases.evaluation.parts import Part, Run
from personalizer.usecases.evaluation.progressive import Progress, Pursue, Pursued
from personalizer.usecases.evaluation.study import Study
from personalizer.usecases.evaluation.terms import Terms
from personalizer.usecases.lessons import lessons
from tests.factories import NOW, Clock, a_joined

GREEDY = "--cb_explore_adf --cb_type mtr"
TERMS = Terms(1.0, NO_REPLAY, 0.1, Range(0.0, 1.0), 0, 2 * NOW)
REPLAYING = replace(TERMS, replay=Replay(events=2, reach=3, busiest=1e9))
FEATURES = b'{"FromUrl":[{"h":1}],"_multi":[{"j":[{"x":1}]},{"j":[{"y":1}]}]}'
STUDY = Study("s", GREEDY, 10**9)
APART_MS = 60_000


def a_line(number: int, features: bytes = FEATURES, **fields: Any) -> bytes:
    """Of two candidates the second was shown, which the policy does not like, or the first."""
    order = (1, 0) if number % 2 else (0, 1)
    fields = {"ranked_at": NOW + number * APART_MS, "reward": Decimal(number % 3) / 2} | fields
    example = Example(Decision(order, (0.75, 0.25), ()), 1, features)
    return dsjson.line(a_joined(number, **fields), example)


def a_log(count: int) -> list[bytes]:
    return [a_line(number) for number in range(count)]


def pursued(
    part: Part,
    terms: Terms = TERMS,
    study: Study = STUDY,
    before: Pursued | None = None,
    engine: FakeEngine | None = None,
) -> Pursued:
    pursue = Pursue(engine or FakeEngine(), Clock())
    return pursue(study, terms, [part], before or Pursued(), lambda: True)


def taught(found: Pursued) -> list[bytes]:
    assert found.model is not None
    return found.model.split(b"\n")[1:]


def total(found: Pursued) -> Sums:
    return sum(found.progress.tally.windows.values(), Sums())


def test_an_event_is_weighted_by_what_the_policy_thought_before_it_learned_it() -> None:
    expected = Tally()
    for known, number in enumerate((0, 1, 2)):
        logged = dsjson.evaluated(a_line(number))
        assert logged is not None
        rewards = [1 - (known + position) % 5 / 4 for position in range(2)]
        expected.add(logged, with_floor([1.0, 0.0], 0.1), rewards, TERMS.rewards)
    found = pursued([Run(0, a_log(3))])
    assert found.progress.tally == expected
    assert [*found.weights.weights] == pytest.approx([0.95 / 0.75, 0.05 / 0.75, 0.95 / 0.75])
    assert [*found.weights.rewards] == [0.0, 0.5, 1.0]


def test_what_was_ranked_outside_of_the_range_is_learned_and_not_scored() -> None:
    terms = replace(TERMS, start=NOW + 2 * APART_MS, until=NOW + 5 * APART_MS)
    found = pursued([Run(0, a_log(8))], terms)
    assert len(taught(found)) == 8
    assert total(found).events == len(found.weights) == 3


@pytest.mark.parametrize("mode", [LearningMode.APPRENTICE, LearningMode.LOGGING_ONLY])
def test_what_was_not_sampled_is_not_scored(mode: LearningMode) -> None:
    lines = [a_line(0), a_line(1, learning_mode=mode), a_line(2)]
    assert total(pursued([Run(0, lines)])).events == 2


def test_sums_are_kept_by_the_time_of_rank() -> None:
    windows = pursued([Run(0, a_log(12))]).progress.tally.windows
    assert {*windows} == {at - at % WINDOW_MS for at in range(NOW, NOW + 12 * APART_MS, APART_MS)}
    assert sum(sums.events for sums in windows.values()) == 12


def test_costs_that_are_none_have_no_say() -> None:
    """Then the doubly robust score of an event is its weighted reward."""
    found = pursued([Run(0, a_log(9))], study=replace(STUDY, arguments=f"{GREEDY} --cover 3"))
    assert total(found).robust == pytest.approx(total(found).wr)
    assert total(pursued([Run(0, a_log(9))])).robust != pytest.approx(total(found).wr)


def test_a_policy_learns_what_the_trainer_would_have_taught_it() -> None:
    log = a_log(12)
    expected = lessons(REPLAYING.course(GREEDY), log, 0)
    assert len(expected) > 20
    assert taught(pursued([Run(0, log)], REPLAYING)) == [each.line for each in expected]


def test_nothing_comes_back_over_a_gap_and_places_go_on() -> None:
    log, course = a_log(12), REPLAYING.course(GREEDY)
    expected = [*lessons(course, log[:6], 0), *lessons(course, log[6:], 100)]
    found = pursued([Run(0, log[:6]), Run(100, log[6:])], REPLAYING)
    assert taught(found) == [each.line for each in expected]


def test_parts_that_meet_are_one_run() -> None:
    log = a_log(12)
    pursue = Pursue(FakeEngine(), Clock())
    parts = [[Run(7, log[:5])], [Run(12, log[5:6]), Run(13, log[6:])]]
    found = pursue(STUDY, REPLAYING, parts, Pursued(), lambda: True)
    assert found.model == pursued([Run(7, log)], REPLAYING).model


class Attentive(FakeEngine):
    """Remembers what it was asked to learn."""

    def __init__(self) -> None:
        self.seen: list[bytes] = []

    def judge(
        self, arguments: str, base: bytes | None, lines: Sequence[bytes], asked: Sequence[int]
    ) -> Judged:
        self.seen += lines
        return super().judge(arguments, base, lines, asked)


def test_a_line_that_is_refused_costs_itself_and_does_not_come_back() -> None:
    poison = a_line(5, b'{"_multi":[{"poison":{}},{}]}')
    log = [*a_log(5), poison, *(a_line(number) for number in range(6, 12))]
    whole = pursued([Run(0, log)], REPLAYING)
    assert whole.progress.refused == (5,)
    assert total(whole).events == 11
    assert [*whole.weights][5] == (1.0, 1.0)
    engine, rest = Attentive(), replace(STUDY, until=6)
    half = pursued([Run(0, log)], REPLAYING, rest)
    again = pursued([Run(0, log)], REPLAYING, before=half, engine=engine)
    assert again.model == whole.model
    assert not any(b"poison" in line for line in engine.seen)


def test_a_frozen_model_is_judged_and_learns_nothing() -> None:
    model = FakeEngine().learn(GREEDY, None, a_log(7)).model
    log = [*a_log(4), a_line(4, b'{"_multi":[{"poison":{}},{}]}')]
    study = replace(STUDY, generation=3)
    found = pursued([Run(100, log)], REPLAYING, study, Pursued(model=model))
    assert found.model == model
    assert total(found).events == 4
    assert found.progress.refused == (104,)
    assert len(found.weights) == 5


def test_a_feature_that_is_left_out_is_neither_learned_nor_asked_about() -> None:
    study = replace(STUDY, without=(Feature("FromUrl", "h"),))
    found = pursued([Run(0, a_log(4))], REPLAYING, study)
    assert all(b'"h":1' not in line for line in taught(found))
    assert total(found).events == 4


def test_a_study_may_end_early_and_be_pursued_further() -> None:
    part = [Run(3, a_log(12))]
    early = pursued(part, REPLAYING, replace(STUDY, until=8))
    assert early.progress.position == 8
    assert total(early).events == 5
    whole = pursued(part, REPLAYING)
    assert pursued(part, REPLAYING, before=early).model == whole.model
    assert whole.progress.position == STUDY.until


def test_there_is_always_time_for_one_piece() -> None:
    calls = [False]
    found = Pursue(FakeEngine(), Clock())(
        STUDY, TERMS, [[Run(0, a_log(3))], [Run(3, a_log(3))]], Pursued(), calls.pop
    )
    assert found.progress.position == 3


def test_what_it_took_is_added_up() -> None:
    clock = Clock()

    class Slow(FakeEngine):
        def judge(self, *args: Any) -> Judged:
            clock.now += 700
            return super().judge(*args)

    pursue, part = Pursue(Slow(), clock), [Run(0, a_log(9))]
    half = pursue(replace(STUDY, until=4), TERMS, [part], Pursued(), lambda: True)
    whole = pursue(STUDY, TERMS, [part], half, lambda: True)
    assert (whole.progress.lines, whole.progress.milliseconds) == (9, 1400)


# However it is cut

GAPPED = [Run(5, a_log(40)), Run(45, a_log(9)), Run(60, a_log(50))]


def cut_up(random: Random) -> list[Part]:
    """The same log, in parts of any size."""
    parts: list[Part] = []
    for run in GAPPED:
        at = 0
        while at < len(run.lines):
            size = random.randint(1, 20)
            parts.append([Run(run.first + at, run.lines[at : at + size])])
            at += size
    return parts


def kept(found: Pursued) -> Pursued:
    """As it comes back from where it was saved."""
    progress = msgspec.json.decode(msgspec.json.encode(found.progress), type=Progress)
    return Pursued(progress, found.model, type(found.weights).unpack(found.weights.pack()))


@pytest.mark.parametrize("seed", range(20))
def test_cut_wherever_it_may_be_it_ends_with_the_same_numbers_and_model(seed: int) -> None:
    random, terms = Random(seed), replace(REPLAYING, replay=Replay(2, 7, 1e9))
    whole, found = pursued(GAPPED, terms), Pursued()
    while found.progress.position < STUDY.until:
        needed, parts = found.progress.needed(terms), cut_up(random)
        rest = [part for part in parts if part[-1].end > needed]
        pursue = Pursue(FakeEngine(), Clock())
        found = kept(pursue(STUDY, terms, rest, found, lambda: random.random() < 0.7))
    assert found.progress == whole.progress
    assert found.model == whole.model
    assert [*found.weights] == [*whole.weights]


# What was kept adds up


def test_the_sums_of_parts_of_a_log_add_up() -> None:
    tallies = [Tally(), Tally(), Tally()]
    for number in range(40):
        logged = dsjson.evaluated(a_line(number))
        assert logged is not None
        for tally in (tallies[0], tallies[1 + number // 20]):
            tally.add(logged, [0.5, 0.5], [0.0, 0.0], TERMS.rewards)
    whole, both = tallies[0], tallies[1] + tallies[2]
    assert whole.windows.keys() == both.windows.keys()
    for start, sums in whole.windows.items():
        assert msgspec.structs.astuple(both.windows[start]) == pytest.approx(
            msgspec.structs.astuple(sums)
        )
    assert (both.gain.events, both.gain.shares) == (whole.gain.events, whole.gain.shares)


def test_a_copy_is_not_changed_by_what_comes_later() -> None:
    logged = dsjson.evaluated(a_line(1))
    assert logged is not None
    tally = Tally()
    tally.add(logged, [0.5, 0.5], [0.0, 0.0], TERMS.rewards)
    before = tally.copy()
    tally.add(logged, [0.5, 0.5], [0.0, 0.0], TERMS.rewards)
    assert (before.gain.events, sum(s.events for s in before.windows.values())) == (1, 1)
    assert before.gain != Gain()
