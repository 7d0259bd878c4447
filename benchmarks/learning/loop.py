"""A loop in one process: rank, reward, learn; everything but the learning engine is a toy."""

import math
import time
from dataclasses import dataclass
from random import Random
from typing import NamedTuple

from benchmarks.learning.engine import Engine, request
from benchmarks.learning.policies import DEFAULT, INVERTED, Cost, Policy
from cli.worlds import WORLDS, Round, Shape, World, action_features
from personalizer.domain.request import RankRequest


class Pay(NamedTuple):
    """What a choice earns. Every second wrong one, by the classes it mixes up, is harmful."""

    right: float = 1.0
    wrong: float = 0.0
    harmful: float = 0.0


class Replay(NamedTuple):
    """Old events learned beside each new one, drawn from the latest `reach` events."""

    events: int = 0
    reach: int | None = None


PLAIN, NO_REPLAY = Pay(), Replay()


@dataclass(frozen=True, slots=True)
class Setting:
    """`batch`: events that share one model, because the next is not published yet."""

    world: str = "digits"
    shape: Shape = "flat"
    policy: Policy = DEFAULT
    cost: Cost = INVERTED
    batch: int = 1
    replay: Replay = NO_REPLAY
    pay: Pay = PLAIN


@dataclass(frozen=True, slots=True)
class Outcome:
    """The choices that were right, in order, and the CPU seconds spent on learning an event."""

    right: tuple[bool, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class Logged:
    """What a line of the log must hold so that a trainer can learn from it, now or later."""

    asked: RankRequest
    chosen: int
    reward: float
    probability: float


def play(setting: Setting, seed: int, rounds: int) -> Outcome:
    world = WORLDS[setting.world](seed)
    engine = Engine(setting.policy.arguments_for(setting.cost))
    chance = Random(seed)
    log: list[Logged] = []
    right: list[bool] = []
    seconds = 0.0
    for visit in world.rounds[:rounds]:
        event = _serve(engine, setting, world, visit, chance.random())
        log.append(event)
        right.append(world.actions[event.chosen] == visit.best)
        if len(log) % setting.batch == 0:
            began = time.process_time()
            _train(engine, setting, log)
            seconds += time.process_time() - began
    return Outcome(tuple(right), seconds / len(log))


def served(scores: list[float], floor: float) -> list[float]:
    """The distribution a choice is drawn from: VW's, made whole, over a uniform floor."""
    total, uniform = sum(scores), 1 / len(scores)
    if not math.isfinite(total) or min(scores) < 0 or total <= 0:
        return [uniform] * len(scores)
    return [(1 - floor) * score / total + floor * uniform for score in scores]


def _serve(engine: Engine, setting: Setting, world: World, visit: Round, draw: float) -> Logged:
    actions = {action: action_features(action) for action in world.actions}
    asked = request(world.context(visit, setting.shape), actions)
    chances = served(engine.scores(asked), setting.policy.floor)
    chosen = _drawn(chances, draw)
    return Logged(asked, chosen, _earned(setting.pay, world, visit, chosen), chances[chosen])


def _drawn(chances: list[float], draw: float) -> int:
    for index, chance in enumerate(chances):
        draw -= chance
        if draw < 0:
            return index
    return len(chances) - 1


def _earned(pay: Pay, world: World, visit: Round, chosen: int) -> float:
    best = world.actions.index(visit.best)
    if chosen == best:
        return pay.right
    return pay.harmful if (chosen + best) % 2 else pay.wrong


def _train(engine: Engine, setting: Setting, log: list[Logged]) -> None:
    """Learn the newest batch; the engine serves the old model until then."""
    for position in range(len(log) - setting.batch, len(log)):
        for event in [log[position], *_replayed(setting.replay, log, position)]:
            cost = setting.cost.of(event.reward)
            engine.learn(event.asked, event.chosen, cost, event.probability)


def _replayed(replay: Replay, log: list[Logged], position: int) -> list[Logged]:
    """Drawn by position alone, so that the same log gives the same weights in any batches."""
    oldest = max(0, position - replay.reach) if replay.reach else 0
    draws = Random(position)
    return [log[draws.randrange(oldest, position)] for _ in range(replay.events if position else 0)]
