"""Does the health signal say so once a loop learns, and keep quiet where nothing is to be learned?

`python -m benchmarks.health`. On digits, through the product itself on memory stores, with the
default policy: after how many events, at the latest of five seeds. And where rewards have nothing
to do with the actions, as the labels are shuffled: how often it is wrong, if it is asked after
every single event. There lessons are learned in this process, without the stores.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from decimal import Decimal
from itertools import batched
from random import Random

from benchmarks.figure import Figure
from benchmarks.learning.engine import Engine, request
from benchmarks.learning.service import START, Service
from cli.worlds import Round, World, action_features, digits
from personalizer import dsjson
from personalizer.adapters.vw import examples
from personalizer.domain import distribution, policy
from personalizer.domain.decision import Decision, decide
from personalizer.domain.event import LearningMode, Why
from personalizer.domain.example import Example
from personalizer.domain.hub import Joined
from personalizer.domain.loop import DEFAULT_POLICY, Configuration
from personalizer.domain.request import RankRequest
from personalizer.usecases import health as healths

SEEDS, LONGEST = range(5), 1_500
VISIT_MS, LESSON = 2_000, 5
"""A visitor every two seconds; lessons are as far apart as published models."""
NULLS, NULL_LESSON = range(100), 100
WORKERS = 2
SETTINGS = Configuration()


def figures() -> Iterator[Figure]:
    with ProcessPoolExecutor(WORKERS) as pool:
        events = [*pool.map(events_until_positive, SEEDS)]
        yield Figure("health_positive_on_digits", max(events), "<=500")
        alarms = [*pool.map(is_ever_wrong, NULLS, chunksize=5)]
        yield Figure("health_false_alarms", sum(alarms) / len(alarms), "<=0.05")


def events_until_positive(seed: int) -> int:
    """That many had been learned when the loop's metrics first said so."""
    world, service = digits(seed), Service(SETTINGS, seed)
    try:
        for served, visit in enumerate(world.rounds[:LONGEST], 1):
            ranking = service.rank(_asked(world, visit))
            service.reward(ranking.event_id, world.reward(visit, ranking.chosen.id))
            service.wait(VISIT_MS)
            if served % LESSON == 0:
                service.learn()
                if service.health().is_learning:
                    return served
    finally:
        service.close()
    return LONGEST + 1


def is_ever_wrong(seed: int) -> bool:
    """Whether the signal is positive at any time, although nothing can be learned."""
    world = digits(seed)
    labels = [visit.best for visit in world.rounds]
    Random(seed).shuffle(labels)
    visits = [Round(v.features, label) for v, label in zip(world.rounds, labels, strict=True)]
    health = healths.unproven(DEFAULT_POLICY, SETTINGS.cost_offset)
    for line in _logged(world, visits, Random(seed)):
        health = healths.after(health, [line])
        if health.is_learning:
            return True
    return False


def _logged(world: World, visits: Sequence[Round], chance: Random) -> Iterator[bytes]:
    """The lines that these visits make, served by a model that learns of so many at a time."""
    asked = [_asked(world, visit) for visit in visits]
    widest = max(request.context_size for request in asked)
    engine = Engine(policy.effective(DEFAULT_POLICY, widest))
    for lesson in batched(zip(visits, asked, strict=True), NULL_LESSON, strict=False):
        served = [(visit, each, _decided(engine, each, chance)) for visit, each in lesson]
        for visit, each, decision in served:
            reward = world.reward(visit, world.actions[decision.order[0]])
            yield dsjson.line(_joined(reward), _example(each, decision))
            cost = SETTINGS.cost_offset - reward
            engine.learn(each, decision.order[0], cost, decision.probabilities[0])


def _decided(engine: Engine, asked: RankRequest, chance: Random) -> Decision:
    scores = distribution.normalise(engine.scores(asked))
    explored = distribution.with_floor(scores, SETTINGS.exploration)
    return decide(range(len(scores)), explored, (), chance.random())


def _example(asked: RankRequest, decision: Decision) -> Example:
    return Example(decision, asked.context_size, examples.features(asked))


def _joined(reward: float) -> Joined:
    return Joined(
        loop="null",
        event_id="",
        uid="",
        ranked_at=START,
        final_at=START,
        reward=Decimal(reward),
        observed=True,
        why=Why.REWARD,
        learning_mode=LearningMode.ONLINE,
        policy="",
        generation=0,
        floor=SETTINGS.exploration,
        payload=b"",
    )


def _asked(world: World, visit: Round) -> RankRequest:
    actions = {action: action_features(action) for action in world.actions}
    return request(world.context(visit, "flat"), actions)


if __name__ == "__main__":
    for each in figures():
        print(each, flush=True)
