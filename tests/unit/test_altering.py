"""A line without some of its features is the same line in all else."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalizer import dsjson
from personalizer.adapters.fake import FakeEngine
from personalizer.domain.evaluation.feature import Feature
from personalizer.usecases.evaluation.features import altering, removing
from personalizer.usecases.evaluation.study import Study
from tests.contract.lessons import a_line
from tests.factories import a_request

ENGINE = FakeEngine()
ODD = 'e":,"c":{"FromUrl":[]}'
"""An id that looks like the rest of a line."""


def line() -> bytes:
    person = {"age": 30, "tastes": [1, 2.5], "home": {"city": "Rome", "age": 9}}
    actions = [
        {"id": ODD, "features": [{"topic": "sport", "maker": {"age": 3}}, {"topic": "again"}]},
        {"id": "b", "features": [{"topic": "news", "age": 1}]},
    ]
    request = a_request(
        contextFeatures=[{"hour": 7, "person": person}, {"hour": 8}], actions=actions
    )
    return a_line(ENGINE, request)


def features(altered: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(altered)["c"]
    return found


def test_a_feature_is_taken_out_wherever_its_namespace_is() -> None:
    left = features(removing([Feature("FromUrl", "hour"), Feature("j", "topic")])(line()))
    person = {"tastes": [1, 2.5], "home": {"city": "Rome", "age": 9}, "age": 30}
    assert left["FromUrl"] == [{"person": person}, {}]
    assert [action["j"] for action in left["_multi"]] == [[{"maker": {"age": 3}}, {}], [{"age": 1}]]


def test_a_feature_of_the_same_name_elsewhere_stays() -> None:
    left = features(removing([Feature("person", "age")])(line()))
    assert left["FromUrl"][0]["person"] == {"tastes": [1, 2.5], "home": {"city": "Rome", "age": 9}}
    assert left["_multi"] == features(line())["_multi"]


def test_a_whole_namespace_goes_but_not_those_inside_it() -> None:
    left = features(removing([Feature("person")])(line()))
    assert left["FromUrl"][0]["person"] == {
        "tastes": [1, 2.5],
        "home": {"city": "Rome", "age": 9},
    }
    left = features(removing([Feature("FromUrl")])(line()))
    assert [*left["FromUrl"][0]] == ["person"]


def test_an_array_of_numbers_is_a_namespace_that_goes_as_a_whole() -> None:
    left = features(removing([Feature("tastes")])(line()))
    assert "tastes" not in left["FromUrl"][0]["person"]


@pytest.mark.parametrize("gone", [Feature("FromUrl", "hour"), Feature("j"), Feature("person")])
def test_all_else_of_the_line_is_the_same_to_the_byte(gone: Feature) -> None:
    old, new = line(), removing([gone])(line())
    assert new != old
    assert dsjson.with_features(new, dsjson.features(old)) == old


@given(
    st.sampled_from(["hour", "topic", "", "x"]), st.sampled_from(["FromUrl", "i", "_multi", "y"])
)
def test_what_is_not_there_cannot_be_taken(name: str, namespace: str) -> None:
    feature = Feature(namespace, f"no {name}")
    assert removing([feature])(line()) == line()


def test_a_study_takes_lines_as_they_are_or_changed() -> None:
    assert altering(Study("s", "", 0)) is None
    without = altering(Study("s", "", 0, without=(Feature("FromUrl", "hour"),)))
    assert without
    assert b'"hour"' not in without(line())


def test_a_placebo_is_drawn_by_the_line_and_its_number() -> None:
    draws = {}
    for number in range(1, 5):
        added = altering(Study("s", "", 0, placebo=number))
        assert added
        assert added(line()) == added(line())
        draws[number] = features(added(line()))["FromUrl"][-1]["placebo"]
    assert isinstance(draws[1], float)
    assert isinstance(draws[2], str)
    assert draws[1] != draws[3]
