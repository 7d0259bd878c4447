"""Why a model predicts what it does: what each feature, and each combination, adds to it."""

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple


class Seen(NamedTuple):
    """A feature as it was in a request; `value` is the text that it had there, empty for one whose
    number is multiplied with what was learned."""

    namespace: str
    name: str
    value: str = ""

    def __str__(self) -> str:
        return f"{self.namespace}.{self.name}"


QUICK_PAIRS, MOST_PAIRS = 50_000, 1_000_000
"""Of features, in a request: to look them all up takes tenths of a second, and some seconds."""

type Term = tuple[Seen, ...]
"""A feature alone, or a combination of two or three of them."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Of what is predicted for one candidate, which is the sum of all that is in here.

    Terms that add nothing are left out. `constant` is the same for every candidate. `rest` is what
    no term explains: next to nothing, unless the policy has `--marginal`, whose numbers are VW's
    secret.
    """

    terms: Mapping[Term, float] = field(default_factory=dict)
    constant: float = 0.0
    rest: float = 0.0

    @property
    def predicted(self) -> float:
        return math.fsum([*self.terms.values(), self.constant, self.rest])

    @property
    def shares(self) -> dict[Seen, float]:
        """By feature: its own term, and its part of those that it shares, in equal parts."""
        found: defaultdict[Seen, float] = defaultdict(float)
        for term, value in self.terms.items():
            for seen in term:
                found[seen] += value / len(term)
        return dict(found)

    def of_reward(self, cost_offset: float) -> "Explanation":
        """The reward that is predicted where this explains a cost: the offset minus that."""
        terms = {term: 0.0 - value for term, value in self.terms.items()}
        return Explanation(terms, cost_offset - self.constant, 0.0 - self.rest)


def top[K](found: Mapping[K, float], most: int) -> list[tuple[K, float]]:
    """Those that count for most, whatever their sign."""
    return sorted(found.items(), key=lambda item: -abs(item[1]))[:most]
