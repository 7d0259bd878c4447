"""The policies that learn nothing: what was served, the first of the candidates, and luck."""

from collections.abc import Iterator, Sequence
from typing import Self

import msgspec

from personalizer.domain.distribution import uniform
from personalizer.domain.evaluation.logged import Logged
from personalizer.domain.evaluation.result import BASELINE, ONLINE, RANDOM
from personalizer.domain.evaluation.tally import Tally
from personalizer.usecases.evaluation.terms import Terms


def _tallies() -> dict[str, Tally]:
    return {name: Tally() for name in (ONLINE, BASELINE, RANDOM)}


class Fixed(msgspec.Struct):
    """Of a part of a log, or of several. `others` are lines that were not scored, `unsupported`
    those of the scored in which an action had no chance; `heaviest` is the greatest weight that an
    event could have had under any policy."""

    policies: dict[str, Tally] = msgspec.field(default_factory=_tallies)
    others: int = 0
    unsupported: int = 0
    heaviest: float = 0.0

    def add(self, line: bytes, terms: Terms) -> None:
        decision = terms.scored(line)
        if decision is None:
            self.others += 1
            return
        self.unsupported += not all(decision.probabilities)
        nothing = (0.0,) * len(decision.probabilities)
        for name, served in _served(decision):
            self.policies[name].add(decision, served, nothing, terms.rewards)
        self.heaviest = max(self.heaviest, 1 / min(filter(None, decision.probabilities)))

    def __add__(self, other: Self) -> Self:
        both = {name: tally + other.policies[name] for name, tally in self.policies.items()}
        heaviest = max(self.heaviest, other.heaviest)
        unsupported = self.unsupported + other.unsupported
        return type(self)(both, self.others + other.others, unsupported, heaviest)


def _served(decision: Logged) -> Iterator[tuple[str, Sequence[float]]]:
    count = len(decision.probabilities)
    yield ONLINE, decision.probabilities
    yield BASELINE, [1.0] + [0.0] * (count - 1)
    yield RANDOM, uniform(count)
