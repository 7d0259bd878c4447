"""How often is the truth in an interval of 95 %, and how wide is it?

`python -m benchmarks.evaluation.coverage`: five scenarios on real data, 400 logs each, of 300,
1,000 and 5,000 events. Ours are Cressie-Read's, beside those of Azure, from the same logs.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np

from benchmarks.evaluation.scenarios import SCENARIOS, Scenario, Table, better_model
from benchmarks.figure import Figure
from personalizer.domain.evaluation import cressie_read
from personalizer.domain.evaluation.gaussian import azure_half_width
from personalizer.domain.evaluation.sums import Sums
from personalizer.domain.health import Range

LOGS = 400
EVENTS = (300, 1_000, 5_000)

FLOORS = (0.05, 0.2)
"""Of the first scenario, the exploration."""
MORE_EVENTS, FEW_LOGS = (1_000, 5_000, 20_000, 50_000), 20


@dataclass(frozen=True, slots=True)
class Cell:
    """Of the logs of a scenario, so many events each."""

    scenario: str
    events: int
    coverage: float
    width: float
    error: float
    azure_coverage: float
    azure_width: float
    azure_error: float


def sums(weights: Table, rewards: Table) -> Sums:
    """Of a log that is a pair of arrays."""
    weighted = weights * rewards
    return Sums(
        events=len(weights),
        w=float(weights.sum()),
        ww=float(weights @ weights),
        wr=float(weighted.sum()),
        wwr=float(weighted @ weights),
        wrr=float(weighted @ rewards),
        wwrr=float(weighted @ weighted),
        r=float(rewards.sum()),
        rr=float(rewards @ rewards),
        matched=int(np.count_nonzero(weights)),
        heaviest=float(weights.max()),
        least_reward=float(rewards.min()),
        most_reward=float(rewards.max()),
    )


def drawn(scenario: Scenario, logs: int, events: int) -> list[Sums]:
    weights, _, rewards = scenario.draw(logs, events, seed=events)
    return [sums(*log) for log in zip(weights, rewards, strict=True)]


def cell(name: str, events: int, logs: int = LOGS) -> Cell:
    return measured(name, SCENARIOS[name](), events, logs)


def measured(name: str, scenario: Scenario, events: int, logs: int) -> Cell:
    found = drawn(scenario, logs, events)
    ours = [cressie_read.interval(s, scenario.rewards, scenario.heaviest) for s in found]
    azures = [Range(s.ips - azure_half_width(s), s.ips + azure_half_width(s)) for s in found]
    points = [cressie_read.estimate(s, scenario.heaviest) for s in found]
    return Cell(
        name,
        events,
        *_quality(ours, points, scenario),
        *_quality(azures, [s.ips for s in found], scenario),
    )


def _quality(
    intervals: list[Range], points: list[float], scenario: Scenario
) -> tuple[float, float, float]:
    covered = [each.low <= scenario.truth <= each.high for each in intervals]
    widths = [each.width for each in intervals]
    errors = np.array(points) - scenario.truth
    return float(np.mean(covered)), float(np.mean(widths)), float(np.sqrt(np.mean(errors**2)))


@cache
def cells() -> tuple[Cell, ...]:
    return tuple(cell(name, events) for name in SCENARIOS for events in EVENTS)


def figures() -> Iterator[Figure]:
    yield Figure("evaluation_coverage_min", min(each.coverage for each in cells()), ">=0.92")
    (width,) = (each.width for each in cells() if (each.scenario, each.events) == ("S1", 5_000))
    yield Figure("evaluation_width_s1_5000", width, "<=0.085")


def table() -> Iterator[str]:
    yield "| scenario | events | coverage | width | RMSE | Azure's coverage | width | RMSE |"
    yield "|---|---|---|---|---|---|---|---|"
    for each in cells():
        yield (
            f"| {each.scenario} | {each.events:,} | {each.coverage:.3f} | {each.width:.3f} "
            f"| {each.error:.3f} | {each.azure_coverage:.3f} | {each.azure_width:.3f} "
            f"| {each.azure_error:.3f} |"
        )
    yield f"\nOn average {np.mean([each.coverage for each in cells()]):.3f} of ours hold the truth."


def widths() -> Iterator[str]:
    yield "| exploration | events | width | Azure's |"
    yield "|---|---|---|---|"
    for floor in FLOORS:
        for events in MORE_EVENTS:
            found = measured("S1", better_model(floor), events, FEW_LOGS)
            yield f"| {floor:.0%} | {events:,} | {found.width:.3f} | {found.azure_width:.3f} |"


if __name__ == "__main__":
    for line in (*table(), "", *widths(), ""):
        print(line)
    for figure in figures():
        print(figure)
