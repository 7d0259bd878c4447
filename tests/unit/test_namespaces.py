"""Which namespaces a log has, so that a search can name them."""

import json
from collections.abc import Callable

import pytest

from personalizer import dsjson
from personalizer.domain.evaluation.candidates import Namespaces
from personalizer.usecases import chain
from personalizer.usecases.evaluation import namespaces
from tests.factories import House


def _line(context: str, *actions: str, labels: str = "") -> bytes:
    given = labels.encode(), context.encode(), ",".join(actions).encode()
    return b'{"_label_cost":-1.0%b,"o":[],"c":{"FromUrl":[%b],"_multi":[%b]}}' % given


PLAIN = '{"_tag":"a","i":{"constant":1,"id":"a"},"j":[{"label":"a"}]}'


def test_a_flat_context_is_one_namespace_and_an_action_two() -> None:
    found = namespaces.of([_line('{"age":3,"city":"Bern"}', PLAIN)])
    assert found == Namespaces(("F",), ("i", "j"), widest=2)


def test_nested_objects_and_lists_of_numbers_are_namespaces_of_their_own() -> None:
    context = '{"user":{"age":3,"home":{"city":"Bern"}},"vector":[1,2,3],"hour":7}'
    found = namespaces.of([_line(context, '{"i":{"id":"a"},"j":[{"price":{"euro":1}}]}')])
    assert found == Namespaces(("F", "h", "u", "v"), ("i", "p"), widest=6)


def test_all_lines_count_and_the_widest_context_is_the_one_that_is_told() -> None:
    lines = [_line('{"a":1,"b":2}', PLAIN), _line('{"user":{"age":3}}', PLAIN)]
    assert namespaces.of(lines) == Namespaces(("F", "u"), ("i", "j"), widest=2)


def test_a_namespace_that_no_option_can_name_is_left_out() -> None:
    found = namespaces.of([_line('{"-odd":{"a":1},"even":{"b":1}}', PLAIN)])
    assert found.context == ("e",)


def flat(features: int) -> str:
    return json.dumps({f"f{number}": f"{number}:[" for number in range(features)})


def nested(features: int) -> str:
    """Containers come first, and are no features themselves."""
    inner = {f"f{number}": 0.5 for number in range(features - 10)}
    return json.dumps({"v": [1] * 9, "in": inner, "x": 1})


@pytest.mark.parametrize("wide", [flat, nested])
@pytest.mark.parametrize("place", [0, 700, 1_999])
def test_the_widest_context_is_found_wherever_it_is(wide: Callable[[int], str], place: int) -> None:
    log = [_line(flat(3), PLAIN), _line(nested(12), PLAIN)] * 1_000
    log[place] = _line(wide(61), PLAIN)
    assert namespaces.of(log).widest == 61


def test_a_context_is_as_wide_as_it_is_for_the_trainer() -> None:
    house = House()
    ranked = {"user": {"age": 3, "home": {"city": "Bern"}}, "vector": [1, 0, 3], "hour": 7}
    house.learn(contextFeatures=[ranked, {"weather": "rain"}])
    (line,) = chain.segment(house.memory_objects, house.commits()[0])
    request = house.engine.request(dsjson.features(line))
    assert namespaces.of([line]).widest == request.context_size == 7


def test_what_is_not_learned_may_be_as_wide_as_it_likes() -> None:
    skipped = _line(flat(61), PLAIN, labels=',"_skipLearn":true')
    assert namespaces.of([_line(flat(3), PLAIN), skipped]).widest == 3


def test_an_empty_log_has_none() -> None:
    assert namespaces.of([]) == Namespaces((), (), widest=0)
