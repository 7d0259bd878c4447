"""Which policies a search tries."""

import pytest

from personalizer.domain import policy
from personalizer.domain.evaluation.candidates import (
    PRESENT,
    Ground,
    Namespaces,
    broad,
    count,
    refined,
)
from personalizer.domain.health import Range
from tests.grounds import AZURE, GROUNDS, a_ground, all_candidates


@pytest.fixture(params=GROUNDS)
def ground(request: pytest.FixtureRequest) -> Ground:
    return GROUNDS[request.param]


def test_the_loops_own_policy_comes_first(ground: Ground) -> None:
    own = broad(ground)[0]
    assert own.name == PRESENT
    assert own.arguments == policy.effective(ground.arguments, ground.namespaces.widest)
    assert own.changed == ()


def test_all_are_in_the_form_that_is_kept(ground: Ground) -> None:
    for each in all_candidates(ground):
        assert policy.canonical(each.arguments) == each.arguments


def test_none_is_tried_twice_and_no_two_have_the_same_name(ground: Ground) -> None:
    first = broad(ground)
    for best in first:
        together = [*first, *refined(ground, best)]
        assert len({each.arguments for each in together}) == len(together)
        assert len({each.name for each in together}) == len(together)


def test_every_other_tells_what_is_different(ground: Ground) -> None:
    own, *others = all_candidates(ground)
    assert all(each.changed for each in others if each.arguments != own.arguments)


def test_the_same_ground_has_the_same_candidates(ground: Ground) -> None:
    assert all_candidates(ground) == all_candidates(ground)


def test_so_many_could_be_chosen_as_are_tried_around_whichever_is_best(ground: Ground) -> None:
    assert count(ground) == len({each.arguments for each in all_candidates(ground)})


def test_where_contexts_are_wide_nothing_is_cubic() -> None:
    assert any(map(policy.is_cubic, (each.arguments for each in all_candidates(a_ground()))))
    wide = all_candidates(GROUNDS["a wide context"])
    assert not any(policy.is_cubic(each.arguments) for each in wide)


def test_bounds_of_costs_are_the_policys_own_and_those_of_the_log() -> None:
    ranges = {policy.cost_range(each.arguments) for each in broad(a_ground())}
    assert ranges == {(0.0, 1.0), (float("-inf"), float("inf"))}
    wider = {policy.cost_range(e.arguments) for e in broad(a_ground(rewards=Range(-1.0, 1.0)))}
    assert wider == ranges | {(0.0, 2.0)}
    negated = {policy.cost_range(e.arguments) for e in broad(a_ground(AZURE, offset=0.0))}
    assert negated == {(-1.0, 0.0), (float("-inf"), float("inf"))}


def test_namespaces_of_the_log_are_crossed_by_name() -> None:
    ground = a_ground(namespaces=Namespaces(("F", "u"), ("i", "p"), 5))
    crossed = "-q Fi -q Fp -q ui -q up"
    assert any(each.arguments.endswith(crossed) for each in broad(ground))


def test_around_the_best_its_rate_is_varied_and_its_explorers_own_options() -> None:
    softmax = next(each for each in broad(a_ground()) if "--softmax" in each.arguments)
    near = refined(a_ground(), softmax)
    assert all("--softmax" in each.arguments for each in near)
    together = " ".join(each.arguments for each in near)
    for piece in ("-l 0.5 ", "-l 2 ", "--lambda 10 ", "--lambda 40 ", "--marginal i "):
        assert piece in together


def test_what_no_policy_may_be_is_not_tried() -> None:
    ground = GROUNDS["a policy at the ends of what it may be"]
    near = [policy.parse(each.arguments) for each in refined(ground, broad(ground)[0])]
    assert {options["-l"] for options in near} == {("50",), ("25",), ("100",)}
    assert {options["--mellowness"] for options in near} == {("100000",), ("1000000",)}


def test_a_namespace_is_left_out_but_never_all_of_the_context() -> None:
    def ignored(namespaces: Namespaces) -> set[str]:
        ground = a_ground(namespaces=namespaces)
        near = [policy.parse(each.arguments) for each in refined(ground, broad(ground)[0])]
        return {value for options in near for value in options.get("--ignore", ())}

    assert ignored(Namespaces(("F",), ("i", "j"), 3)) == {"i", "j"}
    assert ignored(Namespaces(("F", "u"), ("i", "j"), 3)) == {"F", "u", "i", "j"}
