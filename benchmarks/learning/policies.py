"""What is compared: learning policies, and the ways to turn a reward into a cost."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cost:
    """VW minimises costs, so a reward becomes `offset - reward`.

    `low` and `high` are the range of costs the policy is told. Costs outside `bounds` are cut.
    """

    offset: float
    low: float
    high: float
    bounds: tuple[float, float] = (-math.inf, math.inf)

    def of(self, reward: float) -> float:
        least, most = self.bounds
        return float(min(max(self.offset - reward, least), most))

    def __str__(self) -> str:
        cut = ", cut" if math.isfinite(self.bounds[1]) else ""
        return f"{self.offset:g} - r, [{self.low:g}, {self.high:g}]{cut}"


@dataclass(frozen=True, slots=True)
class Policy:
    """`arguments` may name {low} and {high}, the range of the costs.

    `floor` is the share of choices that is uniform whatever VW says.
    """

    name: str
    arguments: str
    floor: float

    def arguments_for(self, cost: Cost) -> str:
        return self.arguments.format(low=cost.low, high=cost.high)


INVERTED = Cost(1, 0, 1)
CUT = Cost(1, 0, 1, bounds=(0, 1))
NEGATED = Cost(0, -1, 0)
WIDE = Cost(1, 0, 2)

_CROSSED = "-q :i -q :j --cubic ::i"

DEFAULT = Policy(
    "default",
    "--cb_explore_adf --cb_type mtr --regcbopt --mellowness 0.001"
    " --cb_min_cost {low} --cb_max_cost {high} " + _CROSSED,
    floor=0.05,
)
GREEDY = Policy(
    "greedy and a floor", f"--cb_explore_adf --cb_type mtr --epsilon 0 {_CROSSED}", floor=0.05
)
AZURE = Policy(
    "Azure's default",
    "--cb_explore_adf --epsilon 0 --power_t 0 -l 0.001 --cb_type mtr -q ::",
    floor=0.2,
)
