"""Progressive validation with Vowpal Wabbit: what it ends with is what others come to."""

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from random import Random

import pylibvw
import pytest

from personalizer import dsjson
from personalizer.adapters.vw import VwEngine, words
from personalizer.domain.decision import Decision
from personalizer.domain.example import Example
from personalizer.domain.health import Range
from personalizer.domain.loop import DEFAULT_POLICY
from personalizer.domain.policy.presets import PRESETS
from personalizer.domain.replay import NO_REPLAY, Replay
from personalizer.usecases.evaluation.parts import Run
from personalizer.usecases.evaluation.progressive import Pursue, Pursued
from personalizer.usecases.evaluation.study import Study
from personalizer.usecases.evaluation.terms import Terms
from personalizer.usecases.lessons import lessons
from tests.factories import NOW, Clock, a_joined, a_request

GREEDY = PRESETS["greedy"].arguments
TERMS = Terms(1.0, Replay(2, 20, 1e9), 0.05, Range(0.0, 1.0), 0, 2 * NOW)
COUNT = 120
EVERYTHING = 10**9


@pytest.fixture(scope="module")
def vw() -> Iterator[VwEngine]:
    engine = VwEngine()
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def log(vw: VwEngine) -> list[bytes]:
    """Of a small world with three actions, chosen evenly; each hour has its best."""
    random = Random(1)
    return [a_line(vw, random, number) for number in range(COUNT)]


def a_line(vw: VwEngine, random: Random, number: int) -> bytes:
    hour, order = random.randrange(3), random.sample(range(3), 3)
    request = a_request(contextFeatures=[{"hour": f"h{hour}", "x": random.random()}])
    won = random.random() < (0.8 if order[0] == hour else 0.2)
    example = Example(Decision(tuple(order), (1 / 3,) * 3, ()), 1, vw.features(request))
    joined = a_joined(number, ranked_at=NOW + number * 1_000, reward=Decimal(won))
    return dsjson.line(joined, example)


def pursued(
    vw: VwEngine, log: list[bytes], arguments: str, terms: Terms = TERMS, generation: int = 0
) -> Pursued:
    study = Study("s", arguments, EVERYTHING, generation=generation)
    before = Pursued(model=vw.learn(arguments, None, log).model if generation else None)
    return Pursue(vw, Clock())(study, terms, [[Run(0, log)]], before, lambda: True)


@pytest.mark.parametrize("name", PRESETS)
def test_the_model_is_the_trainers_to_the_byte(vw: VwEngine, log: list[bytes], name: str) -> None:
    arguments = PRESETS[name].arguments
    taught = [each.line for each in lessons(TERMS.course(arguments), log, 0)]
    found = pursued(vw, log, arguments)
    assert found.model == vw.learn(arguments, None, taught).model
    assert found.progress.tally.total.events == COUNT


def test_cut_in_pieces_it_ends_with_the_same(vw: VwEngine, log: list[bytes]) -> None:
    whole, study = pursued(vw, log, DEFAULT_POLICY), Study("s", DEFAULT_POLICY, EVERYTHING)
    found = Pursued()
    parts = [[Run(start, log[start : start + 7])] for start in range(0, COUNT, 7)]
    for until in (50, 51, 90, EVERYTHING):
        rung = replace(study, until=until)
        found = Pursue(vw, Clock())(rung, TERMS, parts, found, lambda: True)
    assert found.model == whole.model
    assert found.progress.tally == whole.progress.tally


@pytest.mark.parametrize("name", ["greedy", "squarecb"])
def test_the_weighted_costs_are_those_that_vw_adds_up_itself(
    vw: VwEngine, log: list[bytes], name: str
) -> None:
    """VW's own loss is the inverse propensity estimate of the costs, of its whole distribution."""
    arguments = PRESETS[name].arguments
    terms = replace(TERMS, replay=NO_REPLAY, exploration=0.0)
    sums = pursued(vw, log, arguments, terms).progress.tally.total
    ours = terms.cost_offset * sums.w - sums.wr  # cost is the offset minus the reward
    assert ours == pytest.approx(vws_own_loss(log, arguments, terms), rel=1e-5)


def vws_own_loss(log: list[bytes], arguments: str, terms: Terms) -> float:
    with tempfile.NamedTemporaryFile() as file:
        taught = lessons(terms.course(arguments), log, 0)
        Path(file.name).write_bytes(b"".join(each.line + b"\n" for each in taught))
        options = ["--quiet", "--dsjson", "-d", file.name, *words.to_start(arguments)]
        driver = pylibvw.vw(options)
        driver.run_parser()
    loss: float = driver.get_sum_loss()
    return loss


def test_what_it_learns_shows(vw: VwEngine, log: list[bytes]) -> None:
    """Chance earns .4 in this world, and the best choice .8."""
    sums = pursued(vw, log, DEFAULT_POLICY).progress.tally.total
    assert sums.wr / sums.w > 0.5


def test_a_line_that_kills_costs_only_itself(vw: VwEngine, log: list[bytes]) -> None:
    killer = log[7].replace(b'"c":{', b'"c":{"_slots":[[1]],')
    terms = replace(TERMS, replay=NO_REPLAY)
    mixed = pursued(vw, [*log[:60], killer, *log[60:]], DEFAULT_POLICY, terms)
    alone = pursued(vw, log, DEFAULT_POLICY, terms)
    assert mixed.progress.refused == (60,)
    assert mixed.model == alone.model
    assert mixed.progress.tally == alone.progress.tally


@pytest.mark.parametrize("arguments", [DEFAULT_POLICY, GREEDY])
def test_a_frozen_model_is_asked_and_not_taught(
    vw: VwEngine, log: list[bytes], arguments: str
) -> None:
    found = pursued(vw, log, arguments, generation=1)
    assert found.model == vw.learn(arguments, None, log).model
    assert found.progress.tally.total.events == COUNT
