"""Does an apprentice learn an application's rule, cost it nothing, and take over without a dip?

`python -m benchmarks.learning.apprentice`: the product itself, on memory stores, with the default
policy. Two visitors a second come to an application that has a rule of its own (see `rule.py`);
what they taught is served after ten seconds. The loop imitates the rule for a while, then it is set
to Online. Differences from the rule are of the same visitors; margins are 95 % t-intervals.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass
from itertools import islice
from random import Random
from statistics import mean

from benchmarks.figure import Figure
from benchmarks.learning.asking import request
from benchmarks.learning.intervals import interval
from benchmarks.learning.rule import Rule
from benchmarks.learning.service import Service
from cli.worlds import WORLDS, Round, World, action_features
from personalizer.adapters.vw import VwEngine
from personalizer.domain.agreement import Agreement
from personalizer.domain.event import LearningMode
from personalizer.domain.loop import Configuration

SEEDS = range(5)
APPRENTICE, ONLINE = 4_000, 2_000
"""Visitors before and after the switch."""
BATCH = 20
"""Visitors whose rewards are learned together."""
VISIT_MS = 500
WORKERS = 2
SETTINGS = Configuration(learning_mode=LearningMode.APPRENTICE)


@dataclass(frozen=True, slots=True)
class Career:
    """What each visitor was worth to the loop and would have been to the rule, before the switch
    and after, and how often the apprentice agreed at first and at last."""

    before: Sequence[tuple[float, float]]
    after: Sequence[tuple[float, float]]
    first: Agreement
    last: Agreement


def figures() -> Iterator[Figure]:
    with ProcessPoolExecutor(WORKERS) as pool:
        for world in WORLDS:
            yield from _figures(world, pool)


def career(world: str, seed: int, apprentice: int, online: int) -> Career:
    made, service = WORLDS[world](seed), Service(SETTINGS, seed, VwEngine())
    rule, visits = Rule(made), _visits(made, seed)
    serve = _Desk(service, made, rule)
    try:
        before = [serve(visit) for visit in islice(visits, apprentice // 4)]
        first = service.agreement().ever
        before += [serve(visit) for visit in islice(visits, apprentice - len(before))]
        last = service.agreement().latest
        service.switch(LearningMode.ONLINE)
        service.wait(BATCH * VISIT_MS)
        after = [serve(visit) for visit in islice(visits, online)]
    finally:
        service.close()
    return Career(before, after, first, last)


class _Desk:
    """Serves one visitor after the other."""

    def __init__(self, service: Service, world: World, rule: Rule):
        self._service = service
        self._world = world
        self._rule = rule
        self._served = 0

    def __call__(self, visit: Round) -> tuple[float, float]:
        """The rewards of what was shown and of what the rule says, which is asked for first."""
        own = self._rule(visit)
        others = [action for action in self._world.actions if action != own]
        actions = {action: action_features(action) for action in (own, *others)}
        ranking = self._service.rank(request(self._world.context(visit, "flat"), actions))
        earned = self._world.reward(visit, ranking.chosen.id)
        self._service.reward(ranking.event_id, earned)
        self._service.wait(VISIT_MS)
        self._served += 1
        if self._served % BATCH == 0:
            self._service.learn()
        return earned, self._world.reward(visit, own)


def _visits(world: World, seed: int) -> Iterator[Round]:
    """The world's visitors over and over, each time in another order."""
    chance = Random(seed)
    while True:
        yield from chance.sample(world.rounds, len(world.rounds))


def _figures(world: str, pool: Executor) -> Iterator[Figure]:
    def figure(name: str, of: Callable[[Career], float], goal: str) -> Iterator[Figure]:
        value, margin = interval([of(each) for each in careers])
        yield Figure(f"apprentice_{world}_{name}", value, goal)
        yield Figure(f"apprentice_{world}_{name}_margin", margin, "-")

    jobs = [(world, seed, APPRENTICE, ONLINE) for seed in SEEDS]
    careers = [*pool.map(career, *zip(*jobs, strict=True))]
    yield from figure("rule_reward", lambda c: mean(rule for _, rule in c.before), "-")
    yield from figure("agreed_first_1000", lambda c: c.first.rate, "-")
    yield from figure("agreed_last_1000", lambda c: c.last.rate, ">=0.75")
    yield from figure("before_the_switch", lambda c: gain(c.before), "=0")
    share = f">=-{SETTINGS.exploration}"
    yield from figure("after_500", lambda c: gain(c.after[:500]), share)
    yield from figure("after_1000", lambda c: gain(c.after[:1000]), share)
    yield from figure("after_second_1000", lambda c: gain(c.after[1000:]), ">=0")


def gain(served: Sequence[tuple[float, float]]) -> float:
    """What a visitor was worth more than to the rule, on average."""
    return mean(earned - rule for earned, rule in served)


if __name__ == "__main__":
    for each in figures():
        print(each, flush=True)
