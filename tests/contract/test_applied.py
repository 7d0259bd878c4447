"""Applying an evaluation, with the real learner: what is served is what the log makes."""

from collections.abc import Iterator

import pytest

from personalizer.adapters.memory_jobs import MemoryJobs, MemoryRunner
from personalizer.adapters.vw import VwEngine
from personalizer.domain.commit import Source
from personalizer.domain.evaluation.job import Status
from personalizer.domain.evaluation.result import Learned
from personalizer.domain.loop import Configuration
from personalizer.domain.replay import Replay
from personalizer.usecases import chain
from personalizer.usecases.evaluation import results
from personalizer.usecases.evaluation.apply import ApplyEvaluation
from personalizer.usecases.evaluation.jobs import Evaluations
from personalizer.usecases.lessons import Course, lessons
from personalizer.usecases.models.placing import Placing
from personalizer.usecases.verify import Verify
from tests.evaluations import a_policy_result, a_result
from tests.factories import House, a_job

FOUND = "--cb_explore_adf --cb_type mtr -l 0.5 -q :i"
REPLAY = Replay(events=2, reach=5)


@pytest.fixture
def house() -> Iterator[House]:
    """Its loop has learned eight times, from the first of three actions that paid."""
    engine = VwEngine()
    house = House(configuration=Configuration(replay=REPLAY), engine=engine)
    for _ in range(8):
        teach(house)
    yield house
    engine.close()


def teach(house: House) -> None:
    house.clock.now += 1_000
    house.serving.refresh("default")
    ranking = house.rank()
    house.reward(ranking.event_id, int(ranking.chosen.id == "a"))
    house.relay()
    house.train(*house.arrivals())


def apply(house: House, *, following: int) -> bytes:
    """What an evaluation learned of the log's first lines; gives its model."""
    log = [
        line
        for commit in reversed(house.commits())
        for line in chain.segment(house.memory_objects, commit)
    ]
    taught = [each.line for each in lessons(Course(FOUND, 1.0, REPLAY), log[:following], 0)]
    model = house.engine.learn(FOUND, None, taught).model
    bench, jobs = house.memory_objects, MemoryJobs(house.memory_loops)
    bench.write("model", model)
    job = a_job(status=Status.SUCCEEDED)
    jobs.create(job)
    found = a_policy_result(
        arguments=FOUND, learned=Learned("model", FOUND, 1.0, REPLAY, 0, following)
    )
    results.write(bench, job, a_result(found))
    evaluations = Evaluations(jobs, house.loops, bench, bench, MemoryRunner(), house.clock)
    placing = Placing(house.loops, house.objects, house.engine, house.clock, house.names)
    ApplyEvaluation(evaluations, bench, placing)("default", "e-1", "mine")
    return model


@pytest.mark.parametrize("following", [8, 5])
def test_the_log_makes_the_applied_model_again_and_those_after_it(
    house: House, following: int
) -> None:
    model = apply(house, following=following)
    commit = house.commits()[0]
    stored = house.memory_objects.get(commit.model.object)
    assert (commit.source, stored == model) == (Source.LEARNED, following == 8)
    teach(house)
    assert house.commits()[0].base == commit.model
    verdicts = [*Verify(house.loops, house.objects, house.engine)("default")]
    assert len(verdicts) == 10
    assert all(verdict.same and verdict.stored and not verdict.given for verdict in verdicts)


def test_the_next_rank_serves_it(house: House) -> None:
    apply(house, following=5)
    house.refresh(after=2_000)
    assert house.rank().generation == 9
