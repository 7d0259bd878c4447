"""Every probability that is served is the one that is logged, and none is below the floor.

With Vowpal Wabbit's explorers, some of which give actions no probability at all.
"""

import json
import math
from collections.abc import Iterator

import pytest

from personalizer.adapters.vw import VwEngine
from personalizer.domain.decision import Ranking
from personalizer.domain.event import LearningMode
from personalizer.domain.loop import DEFAULT_POLICY, Configuration
from personalizer.usecases import chain
from tests.factories import House

ROUNDS, EACH = 4, 6
EXPLORERS = [
    DEFAULT_POLICY,
    "--cb_explore_adf",
    "--cb_explore_adf --regcb --cb_min_cost 0 --cb_max_cost 1",
    "--cb_explore_adf --regcbopt --mellowness 1e-6",
    "--cb_explore_adf --squarecb",
    "--cb_explore_adf --squarecb --elim",
    "--cb_explore_adf --softmax --lambda 100",
    "--cb_explore_adf --cover 3",
    "--cb_explore_adf --synthcover",
    "--cb_explore_adf --bag 3",
    "--cb_explore_adf --first_only",
]


@pytest.fixture(scope="module")
def vw() -> Iterator[VwEngine]:
    engine = VwEngine()
    yield engine
    engine.close()


def history(house: House) -> dict[str, Ranking]:
    """What was served, by event id, while the loop learned."""
    served: dict[str, Ranking] = {}
    for _ in range(ROUNDS):
        for hour in range(EACH):
            without = ["b"] if hour == 0 else []
            context = [{"hour": f"h{hour}"}]
            ranking = house.rank(contextFeatures=context, excludedActions=without)
            house.reward(ranking.event_id, 1 if ranking.chosen.id == "abc"[hour % 3] else 0)
            served[ranking.event_id] = ranking
        house.relay()
        house.train(*house.arrivals())
        house.refresh(house.configuration.model_export_ms)
    assert ranking.generation == (0 if house.configuration.learning_mode == "LoggingOnly" else 3)
    return served


def logged(house: House) -> Iterator[tuple[str, dict[str, float], float]]:
    """Of each line: its event, each action's probability, and the floor."""
    for commit in house.commits():
        for line in map(json.loads, chain.segment(house.objects, commit)):
            names = [line["c"]["_multi"][number - 1]["_tag"] for number in line["a"]]
            yield line["EventId"], dict(zip(names, line["p"], strict=True)), line["floor"]
            assert line["_label_probability"] == line["p"][0]


@pytest.mark.parametrize("floor", [0.0, 0.05, 0.2, 1.0])
@pytest.mark.parametrize("policy", EXPLORERS)
def test_what_is_served_is_logged_and_none_is_below_the_floor(
    vw: VwEngine, policy: str, floor: float
) -> None:
    house = House(Configuration(exploration=floor), engine=vw)
    house.set_policy(policy)
    served = history(house)
    lines = [*logged(house)]
    assert len(lines) == len(served) == ROUNDS * EACH
    for event_id, probabilities, logged_floor in lines:
        assert logged_floor == floor
        assert math.isclose(math.fsum(probabilities.values()), 1)
        assert min(probabilities.values()) >= floor / len(probabilities)
        ranking = served[event_id]
        told = {action.id: action.probability for action in ranking.actions}
        assert told == dict.fromkeys("abc", 0.0) | probabilities
        assert ranking.chosen.probability == probabilities[ranking.chosen.id]


def test_an_apprentice_is_logged_with_what_it_would_have_served(vw: VwEngine) -> None:
    house = House(Configuration(learning_mode=LearningMode.APPRENTICE), engine=vw)
    served = history(house)
    for event_id, probabilities, floor in logged(house):
        assert (served[event_id].chosen.id, served[event_id].chosen.probability) == ("a", 1)
        assert math.isclose(math.fsum(probabilities.values()), 1)
        assert min(probabilities.values()) >= floor / len(probabilities) > 0


def test_what_is_only_logged_was_certain(vw: VwEngine) -> None:
    house = House(Configuration(learning_mode=LearningMode.LOGGING_ONLY), engine=vw)
    served = history(house)
    for event_id, probabilities, floor in logged(house):
        assert (served[event_id].chosen.id, floor) == ("a", 0)
        assert (probabilities["a"], math.fsum(probabilities.values())) == (1, 1)
