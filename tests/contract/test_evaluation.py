"""A whole evaluation, task by task, of a loop that learned with the real learner."""

from collections.abc import Iterator

import pytest

from personalizer.adapters.vw import VwEngine
from personalizer.domain.evaluation.job import Kind, Named, Status
from personalizer.domain.evaluation.result import (
    BASELINE,
    ONLINE,
    RANDOM,
    RETRAINED,
    PolicySource,
)
from personalizer.domain.policy.presets import PRESETS
from personalizer.usecases import policies
from personalizer.usecases.evaluation import results
from tests.evaluating import a_wanted_job, evaluated
from tests.factories import House

HOUR = 3_600_000
HOURS = 5
GREEDY = Named("greedy", PRESETS["greedy"].arguments)


@pytest.fixture(scope="module")
def vw() -> Iterator[VwEngine]:
    engine = VwEngine()
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def house(vw: VwEngine) -> House:
    """Every hour has its best action, and the model learns it batch by batch."""
    house = House(engine=vw)
    for number in range(200):
        house.clock.now += 60_000
        hour = number % HOURS
        ranking = house.rank(contextFeatures=[{"hour": f"h{hour}", "noise": number % 7}])
        best = ["a", "b", "c"][hour % 3]
        house.reward(ranking.event_id, float(ranking.chosen.id == best))
        if number % 40 == 39:
            house.relay()
            house.train(*house.arrivals())
            house.refresh(after=HOUR)
    house.clock.now += 24 * HOUR
    return house


def test_a_model_that_an_evaluation_learned_is_the_one_that_the_trainer_would_have(
    house: House, vw: VwEngine
) -> None:
    """Byte for byte: with the loop's policy and from its first line on."""
    own = Named("own", house_policy(house))
    done = evaluated(house, a_wanted_job(house, policies=(own,)))
    found = results.evaluation(house.memory_objects, done)
    learned = found.policies[-1].learned
    assert learned is not None
    last = house.commits()[0]
    assert house.memory_objects.read(learned.model) == house.objects.get(last.model.object)


def house_policy(house: House) -> str:
    return policies.read(house.objects, house.head.policy).arguments


def test_an_evaluation_compares_what_was_served_with_other_policies(house: House) -> None:
    done = evaluated(house, a_wanted_job(house, policies=(GREEDY,)))
    found = results.evaluation(house.memory_objects, done)
    assert done.status is Status.SUCCEEDED
    assert [each.name for each in found.policies] == [ONLINE, BASELINE, RANDOM, RETRAINED, "greedy"]
    assert all(each.total.events == 200 for each in found.policies)
    values = {each.name: found.earned(each, each.total).reward for each in found.policies}
    assert values["greedy"] > values[RANDOM] + 0.2
    assert values[RANDOM] > found.rewards.low + 0.2
    assert done.optimal == ONLINE


def test_an_evaluation_tells_what_the_loops_own_policy_decides_by(house: House) -> None:
    done = evaluated(house, a_wanted_job(house))
    found = results.evaluation(house.memory_objects, done)
    names = [name for term in found.important for name in term]
    assert 0 < len(found.important) <= 20
    assert {"FromUrl.hour+h0", "i.id+a"} <= set(names)


def test_a_search_tells_of_the_best_that_it_found(house: House) -> None:
    done = evaluated(house, a_wanted_job(house, optimise=True))
    found = results.evaluation(house.memory_objects, done)
    discovered = [p for p in found.policies if p.source is PolicySource.OFFLINE_EXPERIMENTATION]
    assert len(discovered) == 5
    assert all(p.changed and p.learned and p.total.events == 200 for p in discovered)
    assert {p.compared for p in discovered} == {discovered[0].compared}
    assert discovered[0].compared > 100
    assert found.recommended == ONLINE  # which learned well already


@pytest.fixture
def blind(house: House) -> Iterator[House]:
    """For as long as a test takes, its policy sees nothing of the context."""
    before = house_policy(house)
    house.set_policy("--cb_explore_adf --cb_type mtr --ignore F")
    yield house
    house.set_policy(before)


def test_a_search_recommends_what_is_likely_to_be_better_than_the_loops_own(blind: House) -> None:
    done = evaluated(blind, a_wanted_job(blind, optimise=True))
    found = results.evaluation(blind.memory_objects, done)
    discovered = [p for p in found.policies if p.source is PolicySource.OFFLINE_EXPERIMENTATION]
    assert (found.recommended, found.optimal) == (discovered[0].name, ONLINE)


def test_features_are_told_from_noise(house: House) -> None:
    done = evaluated(house, a_wanted_job(house, Kind.FEATURES))
    found = results.features(house.memory_objects, done)
    scores = {(each.namespace, each.feature): each for each in found.scores}
    hour, noise = scores["FromUrl", "hour"], scores["FromUrl", "noise"]
    assert hour.score == 100
    assert hour.drop[0] > 0.2
    assert noise.drop[0] < 0
    assert noise.score < 10
