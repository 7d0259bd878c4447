"""What `make bench` prints of the study: `python -m benchmarks.learning.figures`.

Only the first is of all five seeds; the others do with one, for all of it must end in minutes.
"""

from collections.abc import Iterator, Sequence
from statistics import mean

from benchmarks.figure import Figure
from benchmarks.learning.contender import Contender
from benchmarks.learning.play import AT_ONCE, Run, Setting
from benchmarks.learning.policies import AZURE, PLAIN_VW, PRODUCT
from benchmarks.learning.questions import CHANGES, SEEDS, VISITS, Row
from benchmarks.learning.recovery import recovery
from benchmarks.learning.results import Results
from benchmarks.learning.worlds import SEVEN

FEW = range(1)
FLAT, NESTED, BATCHED = AT_ONCE, Setting(shape="nested"), Setting(batch=100)
OTHERS = (AZURE, *PLAIN_VW)
CHANGED = CHANGES.rows[0]


def figures() -> Iterator[Figure]:
    results = Results("", {})
    results.add(_runs())
    flat, nested = (_average(results, PRODUCT, each, FEW) for each in (FLAT, NESTED))
    ours, azures = (_average(results, each, BATCHED, FEW) for each in (PRODUCT, AZURE))
    yield Figure("learning_average_reward", _average(results, PRODUCT, FLAT, SEEDS), ">=0.71")
    yield Figure("learning_average_reward_nested", nested, "-")
    yield Figure("learning_shape_gap", abs(flat - nested), "<=0.03")
    yield Figure("learning_batch_100_over_azure", ours / azures, ">=1.5")
    yield Figure("learning_least_over_second_best", _least(results), ">=0.95")
    yield Figure("recovery_events_ratio", _recovery(results), "<=2")


def _runs() -> Iterator[Run]:
    """World by world, so that each is made but once."""
    for world in SEVEN:
        yield from Row((), PRODUCT, FLAT).runs(world, SEEDS, VISITS)
        yield from Row((), PRODUCT, NESTED).runs(world, FEW, VISITS)
        for each in (PRODUCT, AZURE):
            yield from Row((), each, BATCHED).runs(world, FEW, VISITS)
        for each in OTHERS:
            yield from Row((), each, FLAT).runs(world, FEW, VISITS)
    for world in CHANGES.worlds:
        yield from CHANGED.runs(world, FEW, VISITS)


def _average(
    results: Results, contender: Contender, setting: Setting, seeds: Sequence[int]
) -> float:
    return mean(_averages(results, contender, setting, seeds).values())


def _averages(
    results: Results, contender: Contender, setting: Setting, seeds: Sequence[int]
) -> dict[str, float]:
    """What a visit of each of the seven was worth."""
    row = Row((), contender, setting)
    return {
        world: mean(mean(results[run]) for run in row.runs(world, seeds, VISITS)) for world in SEVEN
    }


def _least(results: Results) -> float:
    """Of the seven, where the product is worst next to the second best of the VW policies."""
    tables = [_averages(results, each, FLAT, FEW) for each in (PRODUCT, *OTHERS)]
    second = {world: sorted(table[world] for table in tables)[-2] for world in SEVEN}
    return min(tables[0][world] / second[world] for world in SEVEN)


def _recovery(results: Results) -> float:
    """Visits to recover over visits to learn at first, of all worlds together."""
    runs = [run for world in CHANGES.worlds for run in CHANGED.runs(world, FEW, VISITS)]
    found = [recovery(results[run]) for run in runs]
    return sum(each.recovered for each in found) / sum(each.reached for each in found)


if __name__ == "__main__":
    for each in figures():
        print(each, flush=True)
