"""The worlds that demo and learning study play in."""

import pytest

from cli.worlds import WORLDS, World, action_features


@pytest.fixture(params=sorted(WORLDS))
def world(request: pytest.FixtureRequest) -> World:
    return WORLDS[request.param](7)


@pytest.mark.parametrize(
    ("name", "rounds", "actions"), [("digits", 1797, 10), ("segments", 2310, 7)]
)
def test_a_world_has_all_its_rounds_and_one_action_per_class(
    name: str, rounds: int, actions: int
) -> None:
    world = WORLDS[name](7)
    assert (len(world.rounds), len(world.actions)) == (rounds, actions)


def test_features_lie_between_zero_and_one(world: World) -> None:
    values = [value for visit in world.rounds for value in visit.features.values()]
    assert (min(values), max(values)) == (0.0, 1.0)


def test_every_class_is_about_as_frequent_so_that_luck_pays_one_in_k(world: World) -> None:
    wins = [visit.best for visit in world.rounds]
    share = [wins.count(action) / len(wins) for action in world.actions]
    assert share == pytest.approx([1 / len(world.actions)] * len(world.actions), abs=0.01)


def test_only_the_right_action_pays(world: World) -> None:
    visit = world.rounds[0]
    paid = {action: world.reward(visit, action) for action in world.actions}
    assert paid == {action: float(action == visit.best) for action in world.actions}


def test_the_seed_decides_the_order_and_nothing_else(world: World) -> None:
    again, other = WORLDS[world.name](7), WORLDS[world.name](8)
    assert again == world
    assert other.rounds != world.rounds
    assert sorted(map(repr, other.rounds)) == sorted(map(repr, world.rounds))


def test_a_flat_context_is_one_object_of_features(world: World) -> None:
    visit = world.rounds[0]
    assert world.context(visit, "flat") == [visit.features]


def test_a_nested_context_names_the_object_that_holds_the_features(world: World) -> None:
    visit = world.rounds[0]
    assert world.context(visit, "nested") == [{world.theme: visit.features}]


def test_every_action_has_a_feature() -> None:
    assert action_features("3") == [{"label": "3"}]
