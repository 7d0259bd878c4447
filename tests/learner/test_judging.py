"""What a learner tells of its opinion before it learns, and that telling it changes nothing.

Whatever the policy, the opinion is to be the one that would have been served at that moment.
"""

import json
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from personalizer.adapters.fake import FakeEngine
from personalizer.adapters.vw import VwEngine
from personalizer.adapters.vw.examples import text
from personalizer.adapters.vw.predictor import VwPredictor
from personalizer.domain.loop import DEFAULT_POLICY
from personalizer.domain.policy import canonical
from personalizer.domain.policy.options import EXPLORERS
from personalizer.domain.policy.presets import PRESETS
from personalizer.domain.request import RankRequest
from personalizer.errors import ObjectCorrupt, PolicyUnusable
from personalizer.ports import Engine, Opinion
from tests.contract.lessons import a_line, some_lines
from tests.factories import a_request

GREEDY = "--cb_explore_adf --cb_type mtr"
BOUNDS = "--mellowness 0.001 --cb_min_cost 0 --cb_max_cost 1"
FEATURES = "-q :i -q :j --cubic ::i"


@pytest.fixture(scope="module")
def vw() -> Iterator[VwEngine]:
    engine = VwEngine()
    yield engine
    engine.close()


@pytest.fixture(params=["fake", "vw"])
def engine(request: pytest.FixtureRequest, vw: VwEngine) -> Engine:
    return vw if request.param == "vw" else FakeEngine()


# The promises of the port


def test_to_be_asked_makes_no_difference_to_what_is_learned(engine: Engine) -> None:
    lines = [*some_lines(engine, 6), b"poison"]
    taught = engine.learn(DEFAULT_POLICY, None, lines)
    judged = engine.judge(DEFAULT_POLICY, None, lines, range(7))
    assert (judged.model, judged.rejections) == (taught.model, taught.rejections)


def test_there_is_an_opinion_of_what_was_asked_about_and_of_nothing_else(engine: Engine) -> None:
    judged = engine.judge(GREEDY, None, some_lines(engine, 6), [1, 4])
    assert [*judged.opinions] == [1, 4]
    sizes = {(len(each.probabilities), len(each.costs)) for each in judged.opinions.values()}
    assert sizes == {(3, 3)}


def test_of_a_line_that_is_rejected_there_is_no_opinion(engine: Engine) -> None:
    first, second = some_lines(engine, 2)
    judged = engine.judge(GREEDY, None, [first, b"poison", second], [0, 1, 2])
    assert [*judged.opinions] == [0, 2]
    alone = engine.judge(GREEDY, None, [first, second], [0, 1])
    assert [*judged.opinions.values()] == [*alone.opinions.values()]


@pytest.mark.parametrize("arguments", [DEFAULT_POLICY, GREEDY])
def test_what_a_model_thinks_is_what_it_would_say_before_learning(
    engine: Engine, arguments: str
) -> None:
    *lines, last = some_lines(engine, 12)
    model = engine.learn(arguments, None, lines).model
    judged = engine.judge(arguments, model, [last], [0])
    assert [*engine.consult(model, [last])] == [judged.opinions[0]]


def test_to_be_consulted_teaches_nothing(engine: Engine) -> None:
    lines = some_lines(engine, 6)
    model = engine.learn(DEFAULT_POLICY, None, lines).model
    forwards, backwards = engine.consult(model, lines), engine.consult(model, lines[::-1])
    assert [*forwards] == [*backwards][::-1]


def test_a_model_has_no_opinion_of_what_harms_it(engine: Engine) -> None:
    first, second = some_lines(engine, 2)
    model = engine.learn(GREEDY, None, [first]).model
    told = engine.consult(model, [first, b"poison", second])
    assert [opinion is None for opinion in told] == [False, True, False]


def test_nobody_is_consulted_who_is_no_model(engine: Engine) -> None:
    with pytest.raises(ObjectCorrupt):
        engine.consult(b"\xff\xfe not a model", some_lines(engine, 1))


# Vowpal Wabbit's opinions are those that would have been served

POLICIES = {
    **{name: preset.arguments for name, preset in PRESETS.items()},
    **{kind: f"--cb_explore_adf --cb_type {kind} {FEATURES}" for kind in ("ips", "dr", "dm", "sm")},
    "first": f"{GREEDY} --first 20 {FEATURES}",
    "bag": f"{GREEDY} --bag 3 {FEATURES}",
    "bag of dr": f"--cb_explore_adf --cb_type dr --bag 3 {FEATURES}",
    "cover": f"{GREEDY} --cover 3 {FEATURES}",
    "cover by ips": f"--cb_explore_adf --cb_type ips --cover 3 {FEATURES}",
    "cover by dr": f"--cb_explore_adf --cb_type dr --cover 3 {FEATURES}",
    "softmax": f"{GREEDY} --softmax --lambda 10 {FEATURES}",
    "softmax of sm": f"--cb_explore_adf --cb_type sm --softmax {FEATURES}",
    "elim": f"{GREEDY} --squarecb --gamma_scale 100 --elim {BOUNDS} {FEATURES}",
    "regcb": f"{GREEDY} --regcb {BOUNDS} {FEATURES}",
    "regcbopt": f"{GREEDY} --regcbopt {FEATURES}",
    "synthcover": f"{GREEDY} --synthcover --synthcoverpsi 0.1 --synthcoversize 10 {FEATURES}",
    "first_only": f"{GREEDY} --first_only {FEATURES}",
    "coin": f"{GREEDY} --coin {FEATURES}",
    "bounds with coin": f"{GREEDY} --regcbopt --coin {FEATURES}",
    "l1 and l2": f"{GREEDY} --l1 0.0001 --l2 0.0001 {FEATURES}",
    "bounds with l1": f"{GREEDY} --regcbopt {BOUNDS} --l1 0.0001 {FEATURES}",
    "marginal": f"{GREEDY} --marginal i {FEATURES}",
    "bounds with marginal": f"{GREEDY} --regcbopt {BOUNDS} --marginal i {FEATURES}",
    "ignore": f"{GREEDY} --ignore F --ignore_linear j --noconstant {FEATURES}",
}
DECAYS = {"l1 and l2"}
"""Where weights shrink by themselves, to be asked rounds the costs differently in the last bit."""
TAUGHT = 48
LOOKED_AT = [0, 1, 2, 3, 7, 19, 20, 31, 47]
"""How many lines a model knows."""


def test_every_explorer_is_tried() -> None:
    tried = {word for arguments in POLICIES.values() for word in arguments.split()}
    assert tried >= EXPLORERS | {"--elim", "--coin", "--marginal"}


@pytest.fixture(scope="module")
def visits(vw: VwEngine) -> list[tuple[RankRequest, bytes]]:
    """Of a small world: two to four actions, of which every hour has its best."""
    random = Random(3)
    return [a_visit(vw, random) for _ in range(TAUGHT)]


def a_visit(vw: VwEngine, random: Random) -> tuple[RankRequest, bytes]:
    hour, count = random.randrange(5), random.choice([2, 3, 4])
    actions = [{"id": n, "features": [{"name": n, "x": random.random()}]} for n in "abcd"[:count]]
    context = [{"hour": f"h{hour}", "x": random.random()}]
    request, chosen = a_request(contextFeatures=context, actions=actions), random.randrange(count)
    cost = float(random.random() < (0.2 if chosen == hour % count else 0.8))
    return request, a_line(vw, request, chosen, cost)


@pytest.mark.parametrize("name", POLICIES)
def test_an_opinion_is_what_would_have_been_served(
    vw: VwEngine, visits: list[tuple[RankRequest, bytes]], name: str
) -> None:
    arguments, lines = canonical(POLICIES[name]), [line for _, line in visits]
    judged = vw.judge(arguments, None, lines, LOOKED_AT)
    assert judged.model == vw.learn(arguments, None, lines).model
    for known in LOOKED_AT:
        model = vw.learn(arguments, None, lines[:known]).model
        served, (consulted,) = opinion(model, visits[known][0]), vw.consult(model, [lines[known]])
        assert consulted == served
        if name in DECAYS:
            costs = judged.opinions[known].costs
            assert costs == pytest.approx(served.costs, abs=1e-5)
            assert judged.opinions[known].probabilities == served.probabilities
        else:
            assert judged.opinions[known] == served


def opinion(model: bytes, request: RankRequest) -> Opinion:
    """What is served, in the order of the candidates, and the costs behind it."""
    predictor = VwPredictor(model)
    prediction = predictor.predict(request)
    served = dict(zip(prediction.order, prediction.probabilities, strict=True))
    probabilities = [served[position] for position in range(len(served))]
    return Opinion(probabilities, costs(predictor._vw, request))


def costs(workspace: Any, request: RankRequest) -> list[float]:
    parsed = workspace._parse(text(request))
    workspace.predict_multi(parsed)
    found = [example.get_partial_prediction() for example in parsed[1:]]
    workspace._finish_example_multi_ex(parsed)
    return found


@pytest.mark.parametrize("name", ["default", "bag", "sm"])
def test_however_lines_are_cut_the_opinions_are_the_same(
    vw: VwEngine, visits: list[tuple[RankRequest, bytes]], name: str
) -> None:
    arguments, lines = canonical(POLICIES[name]), [line for _, line in visits]
    whole = vw.judge(arguments, None, lines, range(TAUGHT))
    model, told = None, list[Opinion]()
    for start in range(0, TAUGHT, 12):
        judged = vw.judge(arguments, model, lines[start : start + 12], range(12))
        told += judged.opinions.values()
        model = judged.model
    assert model == whole.model
    assert told == [*whole.opinions.values()]


def test_a_line_that_comes_again_can_be_asked_about_each_time(vw: VwEngine) -> None:
    line = some_lines(vw, 6)[5]
    judged = vw.judge(GREEDY, None, [line, line, line], [0, 2])
    known = vw.learn(GREEDY, None, [line, line]).model
    (expected,) = vw.consult(known, [line])
    assert judged.opinions[2] == expected != judged.opinions[0]


# What kills Vowpal Wabbit


def killing(line: bytes) -> bytes:
    return line.replace(b'"c":{', b'"c":{"_slots":[[1]],')


def test_a_line_that_kills_costs_itself_alone(vw: VwEngine) -> None:
    lines = some_lines(vw, 20)
    mixed = [*lines[:9], killing(lines[3]), *lines[9:]]
    judged, alone = (
        vw.judge(DEFAULT_POLICY, None, each, range(len(each))) for each in (mixed, lines)
    )
    assert [at for at, reason in enumerate(judged.rejections) if reason] == [9]
    assert [*judged.opinions] == [*range(9), *range(10, 21)]
    assert [*judged.opinions.values()] == [*alone.opinions.values()]
    assert judged.model == alone.model


def test_a_line_that_kills_whom_is_consulted_costs_itself_alone(vw: VwEngine) -> None:
    lines = some_lines(vw, 6)
    model = vw.learn(DEFAULT_POLICY, None, lines).model
    told = vw.consult(model, [*lines[:2], killing(lines[0]), *lines[2:]])
    assert told[2] is None
    assert [*told[:2], *told[3:]] == vw.consult(model, lines)


def test_arguments_that_make_no_policy_are_told_from_bad_lines(vw: VwEngine) -> None:
    with pytest.raises(PolicyUnusable):
        vw.judge("--no_such_option", None, some_lines(vw, 1), [0])


@pytest.mark.parametrize("bite", [1, 60])
def test_a_model_that_was_cut_is_not_consulted(vw: VwEngine, bite: int) -> None:
    model = vw.learn(DEFAULT_POLICY, None, some_lines(vw, 12)).model
    with pytest.raises(ObjectCorrupt):
        vw.consult(model[:bite], some_lines(vw, 1))


def test_a_log_line_is_asked_about_as_it_is(vw: VwEngine) -> None:
    """The label that it carries has no say in the opinion."""
    (line,) = some_lines(vw, 1)
    model = vw.learn(DEFAULT_POLICY, None, some_lines(vw, 12)).model
    labelled = json.loads(line)
    assert labelled["_label_cost"] == 0.0
    dear = line.replace(b'{"_label_cost":0.0', b'{"_label_cost":1.0')
    assert dear != line
    assert vw.consult(model, [line]) == vw.consult(model, [dear])
