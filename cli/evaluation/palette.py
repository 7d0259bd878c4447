"""In which colour a policy is drawn, and which are drawn at first."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

from cli.evaluation.told import Policy
from personalizer.domain.evaluation.result import PolicySource

SHOWN = 3
"""Of the policies that others are compared with, beside what was served, baseline and random."""
INK = "#808080"
"""The page draws these in the colour of its text."""
COLOURS = ("#0077BB", "#EE7733", "#009988", "#CC3311", "#33BBEE", "#EE3377", "#AA7700")
"""Paul Tol's vibrant scheme: everybody tells them apart, on light and on dark."""
TURNS = (("solid", "circle"), ("dash", "diamond"), ("dashdot", "triangle-up"), ("longdash", "star"))
"""Dashes and symbols, for those that must share a colour."""
_PLAIN = {
    PolicySource.ONLINE: ("solid", "circle"),
    PolicySource.BASELINE: ("dot", "square"),
    PolicySource.RANDOM: ("dash", "x"),
}


@dataclass(frozen=True, slots=True)
class Look:
    colour: str
    dash: str
    symbol: str
    is_shown: bool


def looks(policies: Sequence[Policy], optimal: str) -> list[Look]:
    """One for each. The optimal policy comes first, then those that were asked for, in their order:
    the best first."""
    rivals = [each for each in policies if each.source not in _PLAIN]
    rivals.sort(key=lambda each: (each.name != optimal, each.source is not PolicySource.CUSTOM))
    places = {id(policy): place for policy, place in zip(rivals, count(), strict=False)}
    return [_look(policy, places.get(id(policy), 0)) for policy in policies]


def _look(policy: Policy, place: int) -> Look:
    if policy.source in _PLAIN:
        return Look(INK, *_PLAIN[policy.source], is_shown=True)
    turn, colour = divmod(place, len(COLOURS))
    return Look(COLOURS[colour], *TURNS[turn % len(TURNS)], is_shown=place < SHOWN)
