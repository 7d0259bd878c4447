"""What `make bench` prints of the study: `python -m benchmarks.learning.figures`.

Only the first is of all five seeds; the others do with fewer, for all of it must end in minutes.
"""

from collections.abc import Iterator, Sequence
from statistics import mean

from benchmarks.figure import Figure
from benchmarks.learning.contender import Contender
from benchmarks.learning.play import Setting
from benchmarks.learning.policies import AZURE, PLAIN_VW, PRODUCT
from benchmarks.learning.questions import CHANGES, SEEDS, VISITS, Row
from benchmarks.learning.recovery import recovery
from benchmarks.learning.results import Results
from benchmarks.learning.worlds import SEVEN

FEW = range(2)
FLAT, NESTED, BATCHED = Setting(), Setting(shape="nested"), Setting(batch=100)


def figures() -> Iterator[Figure]:
    results = Results("", {})
    flat = _averages(results, PRODUCT, FLAT, SEEDS)
    yield Figure("learning_average_reward", mean(flat.values()), ">=0.71")
    nested = mean(_averages(results, PRODUCT, NESTED, FEW).values())
    yield Figure("learning_average_reward_nested", nested, "-")
    same = mean(_averages(results, PRODUCT, FLAT, FEW).values())
    yield Figure("learning_shape_gap", abs(same - nested), "<=0.03")
    ours, azures = (_averages(results, each, BATCHED, FEW) for each in (PRODUCT, AZURE))
    ratio = mean(ours.values()) / mean(azures.values())
    yield Figure("learning_batch_100_over_azure", ratio, ">=1.5")
    yield Figure("learning_least_over_second_best", _least(results), ">=0.95")
    yield Figure("recovery_events_ratio", _recovery(results), "<=2")


def _averages(
    results: Results, contender: Contender, setting: Setting, seeds: Sequence[int]
) -> dict[str, float]:
    """What a visit of each of the seven was worth."""
    row = Row((), contender, setting)
    results.add(run for world in SEVEN for run in row.runs(world, seeds, VISITS))
    return {
        world: mean(mean(results[run]) for run in row.runs(world, seeds, VISITS)) for world in SEVEN
    }


def _least(results: Results) -> float:
    """Of the seven, where the product is worst next to the second best of the VW policies."""
    ours = _averages(results, PRODUCT, FLAT, FEW)
    tables = [ours, *(_averages(results, each, FLAT, FEW) for each in (AZURE, *PLAIN_VW))]
    second = {world: sorted(table[world] for table in tables)[-2] for world in SEVEN}
    return min(ours[world] / second[world] for world in SEVEN)


def _recovery(results: Results) -> float:
    """Visits to recover over visits to learn at first; over all worlds and seeds."""
    row = CHANGES.rows[0]
    runs = [run for world in CHANGES.worlds for run in row.runs(world, FEW, VISITS)]
    results.add(runs)
    found = [recovery(results[run]) for run in runs]
    return sum(each.recovered for each in found) / sum(each.reached for each in found)


if __name__ == "__main__":
    for each in figures():
        print(each, flush=True)
