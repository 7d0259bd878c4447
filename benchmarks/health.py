"""Does the health signal say so once a loop learns, and keep quiet where nothing is to be learned?

`python -m benchmarks.health`: the product itself, on memory stores, with the default policy and a
visitor every two seconds. On digits: after how many events, at the latest of five seeds. With the
labels shuffled, so that rewards have nothing to do with what is shown: how often it is ever wrong.
"""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from random import Random

from benchmarks.figure import Figure
from benchmarks.learning.asking import request
from benchmarks.learning.live import LiveEngine
from benchmarks.learning.service import LearningEngine, Service
from cli.worlds import Round, World, action_features, digits
from personalizer.adapters.vw import VwEngine
from personalizer.domain.health import Health
from personalizer.domain.loop import Configuration
from personalizer.domain.request import RankRequest

SEEDS, NULLS = range(5), range(100)
NULL_VISITS = 1_000
VISIT_MS = 2_000
LESSON, NULL_LESSON = 5, 100
"""Visitors whose rewards are learned together: as many as come until a model is published, and
more where there are many loops to get through."""
WORKERS = 2


def figures() -> Iterator[Figure]:
    with ProcessPoolExecutor(WORKERS) as pool:
        events = [*pool.map(events_until_positive, SEEDS)]
        yield Figure("health_positive_on_digits", max(events), "<=500")
        alarms = [*pool.map(is_ever_wrong, NULLS, chunksize=5)]
        yield Figure("health_false_alarms", sum(alarms) / len(alarms), "<=0.05")


def events_until_positive(seed: int) -> int:
    """That many had been learned when the loop first said so."""
    world = digits(seed)
    told = _healths(world, seed, LESSON, VwEngine())
    return next((health.events for health in told if health.is_learning), len(world.rounds))


def is_ever_wrong(seed: int) -> bool:
    """Whether a loop ever says that it learns, although there is nothing to learn."""
    told = _healths(_shuffled(digits(seed), seed), seed, NULL_LESSON, LiveEngine())
    return any(health.is_learning for health in told)


def _shuffled(world: World, seed: int) -> World:
    labels = [visit.best for visit in world.rounds]
    Random(seed).shuffle(labels)
    visits = zip(world.rounds[:NULL_VISITS], labels[:NULL_VISITS], strict=True)
    return replace(world, rounds=tuple(Round(visit.features, label) for visit, label in visits))


def _healths(world: World, seed: int, lesson: int, engine: LearningEngine) -> Iterator[Health]:
    """After each lesson."""
    service = Service(Configuration(), seed, engine)
    try:
        for served, visit in enumerate(world.rounds, 1):
            service.refresh()
            ranking = service.rank(_asked(world, visit))
            service.reward(ranking.event_id, world.reward(visit, ranking.chosen.id))
            service.wait(VISIT_MS)
            if served % lesson == 0:
                service.learn()
                yield service.health()
    finally:
        service.close()


def _asked(world: World, visit: Round) -> RankRequest:
    actions = {action: action_features(action) for action in world.actions}
    return request(world.context(visit, "flat"), actions)


if __name__ == "__main__":
    for each in figures():
        print(each, flush=True)
