"""A loop in a few lines, for studies that need hundreds: served, logged and learned as the product
does it (a test holds it to that), with a workspace that goes on and nothing stored.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import count
from typing import NamedTuple

from benchmarks.learning.asking import request
from benchmarks.learning.live import LivePredictor, Workspace
from benchmarks.learning.product import VISIT_MS
from benchmarks.learning.service import START
from benchmarks.learning.worlds import World
from personalizer import dsjson
from personalizer.adapters.vw import examples
from personalizer.domain import distribution
from personalizer.domain.decision import decide
from personalizer.domain.event import LearningMode, Why
from personalizer.domain.example import Example
from personalizer.domain.hub import Joined
from personalizer.domain.loop import Configuration
from personalizer.ports import Prediction
from personalizer.usecases.lessons import Course, lessons

_EARNED = b'"_original_label_cost":'


class Asked(NamedTuple):
    """A visit as VW reads it, and the number of the action that pays."""

    features: bytes
    actions: int
    best: int


@dataclass(frozen=True, slots=True)
class Log:
    """What a loop logged and what it earned, visit by visit."""

    lines: Sequence[bytes]
    rewards: Sequence[float]


class Learner:
    """A policy that learns line by line, as a loop's trainer would teach it."""

    def __init__(self, arguments: str, settings: Configuration) -> None:
        self._workspace = Workspace(arguments)
        self._course = Course(arguments, settings.cost_offset, settings.replay)
        self._exploration = settings.exploration
        self._past: list[bytes] = []
        self._positions = count()

    def opinion(self, features: bytes, actions: int) -> Prediction:
        """With the loop's exploration; uniform before the first lesson."""
        if not self._workspace.lessons:
            order, weights = [*range(actions)], distribution.uniform(actions)
        else:
            asked = LivePredictor(self._workspace).ask(features, actions)
            order, weights = [*asked.order], distribution.normalise(asked.probabilities)
        return Prediction(order, distribution.with_floor(weights, self._exploration))

    def learn(self, line: bytes) -> None:
        position = next(self._positions)
        taught = lessons(self._course, [line], position, self._past)
        self._workspace.learn([each.line for each in taught])
        self._past = [*self._past, line][-self._course.replay.reach :]


def visits(world: World) -> list[Asked]:
    return [*_asked(world)]


def played(arguments: str, settings: Configuration, asked: Sequence[Asked], seed: int) -> Log:
    """The same seed draws the same for every policy."""
    learner, secret = Learner(arguments, settings), str(seed).encode()
    lines, rewards = list[bytes](), list[float]()
    for number, visit in enumerate(asked):
        opinion = learner.opinion(visit.features, visit.actions)
        point = distribution.draw(secret, f"visit-{number}")
        decision = decide(opinion.order, opinion.probabilities, (), point)
        reward = float(decision.order[0] == visit.best)
        joined = _joined(number, reward, settings)
        lines.append(dsjson.line(joined, Example(decision, 0, visit.features)))
        rewards.append(reward)
        learner.learn(lines[-1])
    return Log(lines, rewards)


def paid(line: bytes, reward: float) -> bytes:
    """The same line of the log, had this been earned."""
    before, key, after = dsjson.with_cost(line, 0.0 - reward).rpartition(_EARNED)
    return before + key + repr(0.0 - reward).encode() + after[after.index(b",") :]


def _asked(world: World) -> Iterator[Asked]:
    for visit in world.visits:
        actions = {action: world.features(visit, action) for action in world.actions}
        features = examples.features(request(world.context(visit, "flat"), actions))
        yield Asked(features, len(actions), world.actions.index(visit.best))


def _joined(number: int, reward: float, settings: Configuration) -> Joined:
    at = START + number * VISIT_MS
    return Joined(
        loop="measured",
        event_id=f"visit-{number}",
        uid=f"{number:032x}",
        ranked_at=at,
        final_at=at,
        reward=Decimal(reward),
        observed=True,
        why=Why.REWARD,
        learning_mode=LearningMode.ONLINE,
        policy="measured",
        generation=number,
        floor=settings.exploration,
        payload=b"",
    )
