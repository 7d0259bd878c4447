"""Is a loop learning? The health of its model, as its commits count it."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from personalizer import dsjson
from personalizer.domain import policy
from personalizer.domain.commit import Commit
from personalizer.domain.event import LearningMode
from personalizer.domain.health import Health, Range
from personalizer.domain.loop import Head
from personalizer.ports import Loops, Objects
from personalizer.usecases import chain

ONE_REWARD = Range(-1.0, 1.0)
"""What a client may send: the range where a policy has none."""


def unproven(arguments: str, offset: float) -> Health:
    """A model's that has decided nothing yet."""
    low, high = policy.cost_range(arguments)
    least = offset - high if math.isfinite(high) else ONE_REWARD.low
    most = offset - low if math.isfinite(low) else ONE_REWARD.high
    return Health(Range(min(least, most), most))


def after(health: Health, logged: Iterable[bytes]) -> Health:
    """With these lines of the log, which were ranked here."""
    return health.after([*filter(None, map(dsjson.choice, logged))])


@dataclass(frozen=True, slots=True)
class Checkup:
    """`mode` is what the loop is set to now."""

    mode: LearningMode
    health: Health


class MeasureHealth:
    def __init__(self, loops: Loops, objects: Objects):
        self._loops = loops
        self._objects = objects

    def __call__(self, loop: str) -> Checkup:
        """Events count once they are in the log. Raises LoopNotFound."""
        state = self._loops.state(loop, consistent=True)
        return Checkup(state.configuration.learning_mode, self._health(state.head))

    def _health(self, head: Head) -> Health:
        if head.commit is None or head.latest is None:  # there is no model, or no longer
            return Health()
        return chain.decoded(self._objects, head.commit, Commit).health
