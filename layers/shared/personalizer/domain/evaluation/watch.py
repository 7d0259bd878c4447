"""Was the policy that an evaluation put in place a mistake? What the model before it would have
earned, told by the decisions that are made since."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from personalizer.domain.distribution import normalise, with_floor
from personalizer.domain.evaluation.gain import Gain
from personalizer.domain.evaluation.logged import Logged
from personalizer.domain.health import Range
from personalizer.domain.loop import DAY_MS, ObjectRef
from personalizer.domain.rival import weight_of

WATCHED_MS = 14 * DAY_MS
"""Of decisions: so long after it was put in place, a policy has proven itself."""


@dataclass(frozen=True, slots=True)
class Watch:
    """The generation `applied` put the policy in place, at `since` (epoch ms), and began `epoch`.
    `before` is the one to go back to, and `model` its model. Of the decisions that were ranked
    before `until`, the `gain` is that of this model; `rewards` is the range that it counts in.
    `attended_at`: when somebody last began to look (epoch ms).
    """

    applied: int
    epoch: int
    before: int
    model: ObjectRef
    since: int
    rewards: Range
    until: int
    gain: Gain = field(default_factory=Gain)
    attended_at: int = 0

    @property
    def ends_at(self) -> int:
        return self.since + WATCHED_MS

    @property
    def is_over(self) -> bool:
        return self.until >= self.ends_at

    @property
    def is_lost(self) -> bool:
        """Whether it is all but certain that the model before earned more."""
        return self.gain.is_proven()


def weigh(
    gain: Gain, rewards: Range, served: Logged, opinion: Sequence[float], floor: float
) -> None:
    """Add a decision to the gain of a model of this opinion, explored as freely as was served."""
    likely = with_floor(normalise(opinion), floor)
    weights = [*map(weight_of, likely, served.probabilities)]
    gain.add(weights[served.chosen], max(weights), rewards.share(served.reward))
