"""What all policies of an evaluation have in common: how they are taught, and what is scored."""

from collections.abc import Sequence
from dataclasses import dataclass

from personalizer import dsjson
from personalizer.domain.distribution import normalise, with_floor
from personalizer.domain.evaluation.logged import Logged
from personalizer.domain.health import Range
from personalizer.domain.replay import Replay
from personalizer.usecases.lessons import Course


@dataclass(frozen=True, slots=True)
class Terms:
    """`exploration` is the loop's, `rewards` the range that its rewards are in. Scored is what was
    ranked from `start` on and before `until` (epoch ms)."""

    cost_offset: float
    replay: Replay
    exploration: float
    rewards: Range
    start: int
    until: int

    def course(self, arguments: str) -> Course:
        return Course(arguments, self.cost_offset, self.replay)

    def scored(self, line: bytes) -> Logged | None:
        """The line's decision, if it counts."""
        decision = dsjson.evaluated(line)
        if decision is None or not self.start <= decision.at < self.until:
            return None
        return decision

    def served(self, probabilities: Sequence[float]) -> list[float]:
        """What the service makes of a model's own probabilities."""
        return with_floor(normalise(probabilities), self.exploration)

    def expected(self, costs: Sequence[float]) -> list[float]:
        """The rewards that these costs stand for; the least for what is no number."""
        offset, low, high = self.cost_offset, self.rewards.low, self.rewards.high
        return [
            high if (reward := offset - cost) > high else reward if reward > low else low
            for cost in costs
        ]
