"""An explanation is what Vowpal Wabbit itself adds up, whatever the policy and the request."""

import json
import math
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings

from personalizer.adapters.fake import FakeEngine
from personalizer.adapters.vw import VwEngine
from personalizer.domain.explanation import Explanation, Seen
from personalizer.domain.loop import DEFAULT_POLICY
from personalizer.domain.policy import canonical
from personalizer.domain.policy.presets import PRESETS
from personalizer.domain.request import RankRequest
from personalizer.ports import Engine, Predictor
from personalizer.usecases.evaluation.important import important
from personalizer.wire import rank as wire
from tests.contract.lessons import a_line, some_lines
from tests.contract.test_engine import bodies
from tests.factories import a_request

POLICIES = {
    **{name: preset.arguments for name, preset in PRESETS.items()},
    **{
        options: canonical(f"--cb_explore_adf {options}")
        for options in (
            *("", "-q ::", "-q :i -q i: -q :j", "-q iF -q Fi -q FF", "--noconstant -q ii"),
            *("--cubic :::", "--cubic i::", "--cubic :i:", "--cubic FjF --cubic jjj", "-b 8 -q ::"),
            *("--ignore j -q ::", "--ignore_linear F -q :F", "--ignore i --ignore_linear j"),
            *("--l1 0.001 -q ::", "--l2 0.01 -q ::", "--regcb --l1 0.001 --l2 0.01 -q ::"),
            *("--cb_type dr -q ::", "--cb_type dm", "--cb_type ips -q :i", "--cb_type sm -q ::"),
            *("--coin -q ::", "--squarecb --elim -q ::", "--synthcover -q ::", "--first 9"),
            *("--bag 3 -q ::", "--bag 2 --cb_type dr", "--cover 3 -q ::", "--cover 2 --cb_type dr"),
        )
    },
}
HIDDEN = canonical("--cb_explore_adf --marginal j -q ::")


@pytest.fixture(scope="module")
def vw() -> Iterator[VwEngine]:
    engine = VwEngine()
    yield engine
    engine.close()


@pytest.fixture(params=["fake", "vw"])
def engine(request: pytest.FixtureRequest, vw: VwEngine) -> Engine:
    return vw if request.param == "vw" else FakeEngine()


def a_rich_request(number: int) -> RankRequest:
    """Of a small world, with every kind of feature."""
    person = {"age": number % 9 + 0.5, "member": bool(number % 2), "tastes": [1, 0, number % 3]}
    actions = [
        {"id": name, "features": [{"name": name, "Family": {"size": number % 2 + 1}}]}
        for name in "abc"
    ]
    context = [{"hour": f"h{number % 5}", "person": person}, {"hour": "again", "j": {"x": 1}}]
    return a_request(contextFeatures=context, actions=actions)


def taught(engine: Engine, arguments: str) -> Predictor:
    lines = [a_line(engine, a_rich_request(n), n % 3, float(n % 3 != n % 5 % 3)) for n in range(40)]
    return engine.load(engine.learn(arguments, None, lines).model)


# The promises of the port


def test_every_candidate_is_explained(engine: Engine) -> None:
    model = engine.learn(DEFAULT_POLICY, None, []).model
    assert len(engine.load(model).explain(a_request(excludedActions=["b"]))) == 2


def test_a_request_can_be_made_again_of_its_features(engine: Engine) -> None:
    request = a_rich_request(3)
    again = engine.request(engine.features(request))
    assert engine.features(again) == engine.features(request)
    assert again.pairs == request.pairs
    assert [action.id for action in again.actions] == ["a", "b", "c"]


# Vowpal Wabbit


@cache
def predictor(name: str) -> Predictor:
    engine = VwEngine()
    made = taught(engine, POLICIES[name])
    engine.close()
    return made


def is_exact(explanation: Explanation) -> bool:
    """VW's numbers have seven digits."""
    size = math.fsum(map(abs, [*explanation.terms.values(), explanation.constant]))
    return abs(explanation.rest) <= 1e-5 * max(1.0, size)


@pytest.mark.parametrize("name", POLICIES)
@settings(max_examples=10, deadline=None)
@given(bodies)
def test_nothing_is_left_unexplained(name: str, body: dict[str, Any]) -> None:
    for request in (wire.request(json.dumps(body).encode()), a_rich_request(4)):
        assert all(map(is_exact, predictor(name).explain(request)))


@pytest.mark.parametrize("name", PRESETS)
def test_what_is_explained_is_the_order_that_is_served(name: str) -> None:
    for number in range(10):
        costs = [each.predicted for each in predictor(name).explain(a_rich_request(number))]
        order = predictor(name).predict(a_rich_request(number)).order
        assert [*order] == sorted(range(len(costs)), key=costs.__getitem__)


def test_what_marginal_makes_of_its_namespaces_is_the_rest(vw: VwEngine) -> None:
    for explanation in taught(vw, HIDDEN).explain(a_rich_request(4)):
        assert "j" not in {seen.namespace for term in explanation.terms for seen in term}
        assert not is_exact(explanation)


def test_features_have_the_names_that_they_were_sent_with() -> None:
    (first, *_) = predictor("-q ::").explain(a_rich_request(4))
    alone = {term[0] for term in first.terms if len(term) == 1}
    assert alone == {
        *(Seen("FromUrl", "hour", "h4"), Seen("FromUrl", "hour", "again")),
        *(Seen("person", "age"), Seen("tastes", "0"), Seen("tastes", "2")),
        *(Seen("j", "x"), Seen("i", "constant"), Seen("i", "id", "a")),
        *(Seen("j", "name", "a"), Seen("Family", "size")),
    }


def test_what_is_ignored_explains_nothing() -> None:
    (first, *_) = predictor("--ignore j -q ::").explain(a_rich_request(4))
    assert "j" not in {seen.namespace for term in first.terms for seen in term}


def test_what_counts_only_in_products_is_not_alone() -> None:
    (first, *_) = predictor("--ignore_linear F -q :F").explain(a_rich_request(4))
    of_context = [term for term in first.terms if Seen("FromUrl", "hour", "h4") in term]
    assert of_context
    assert min(map(len, of_context)) == 2


def test_in_a_world_of_hours_the_hour_of_each_action_is_important(vw: VwEngine) -> None:
    lines = some_lines(vw, 300)
    model = vw.learn("--cb_explore_adf --cb_type mtr --ignore j -q Fi", None, lines).model
    found = important(vw, model, lines, 8)
    assert len(found) == 8
    assert all(pair[0].startswith("FromUrl.hour+h") for pair in found if len(pair) == 2)
    assert {name for pair in found for name in pair} <= {
        *(f"FromUrl.hour+h{hour}" for hour in range(5)),
        *(f"i.id+{name}" for name in "abc"),
    }
    assert sum(len(pair) == 2 for pair in found) >= 4
