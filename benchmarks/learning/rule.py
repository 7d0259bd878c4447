"""What an application did before: a rule of thumb, right about four times out of five."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from statistics import mean

from cli.worlds import Features, Round, World

EXAMPLES = 60


class Rule:
    """The class whose average, over a few known examples, is nearest."""

    def __init__(self, world: World):
        known: dict[str, list[Features]] = defaultdict(list)
        for visit in world.rounds[:EXAMPLES]:
            known[visit.best].append(visit.features)
        self._centres = {action: _average(rows) for action, rows in sorted(known.items())}

    def __call__(self, visit: Round) -> str:
        return min(self._centres, key=lambda a: _distance(self._centres[a], visit.features))


def _average(rows: Sequence[Mapping[str, float]]) -> Features:
    return {name: mean(row[name] for row in rows) for name in rows[0]}


def _distance(one: Features, other: Features) -> float:
    return sum((one[name] - other[name]) ** 2 for name in one)
