"""Our estimates next to those of the package obp, on real logs of a shop: the Open Bandit Dataset.

`make open-bandit`: two campaigns were served at random and, at the same time, by Thompson sampling
(bts). Each log tells what the other policy earns, and the other log knows. What obp makes of them
is recorded in open_bandit.json, by obp_reference.py. Saito, Aihara, Matsutani, Narita (2021), *Open
Bandit Dataset and Pipeline*; the data are CC BY 4.0.
"""

import csv
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from personalizer.domain.evaluation.flags import flags
from personalizer.domain.evaluation.result import (
    EvaluationResult,
    Flag,
    PolicyResult,
    PolicySource,
    Read,
)
from personalizer.domain.evaluation.sums import Sums
from personalizer.domain.health import Range

DATA = Path(__file__).parents[2] / ".local/open-bandit/obp/dataset/obd"
RECORDED = Path(__file__).with_name("open_bandit.json")
CASES = [(campaign, policy) for campaign in ("men", "women") for policy in ("bts", "random")]
"""Which policy is evaluated, on the other's log."""
OTHER = {"bts": "random", "random": "bts"}

type Policy = Sequence[Sequence[float]]
"""The probability of an item at a position."""


class Shown(NamedTuple):
    item: int
    position: int
    click: float
    probability: float


@dataclass(frozen=True, slots=True)
class Case:
    """`truth` is what the evaluated policy earned when it served."""

    policy: PolicyResult
    result: EvaluationResult
    obp: Mapping[str, float]
    truth: float

    @property
    def flags(self) -> tuple[Flag, ...]:
        return self.result.flags


@cache
def case(campaign: str, evaluated: str) -> Case:
    recorded = _recorded()[campaign]
    log, other = _log(campaign, OTHER[evaluated]), _log(campaign, evaluated)
    policy = recorded["thompson"] if evaluated == "bts" else _uniform(recorded["thompson"])
    total, heaviest = _sums(log, policy), max(1 / shown.probability for shown in log)
    found = PolicyResult(evaluated, PolicySource.CUSTOM, windows={0: total})
    read, clicks = Read(segments=1, scored=len(log)), Range(0.0, 1.0)
    doubts = flags(read, clicks, heaviest, [found])
    result = EvaluationResult((found,), clicks, heaviest, 0, read, evaluated, doubts)
    return Case(found, result, recorded[evaluated], sum(s.click for s in other) / len(other))


def _recorded() -> Any:
    return json.loads(RECORDED.read_text())


def _uniform(like: Policy) -> Policy:
    return [[1 / len(like)] * len(item) for item in like]


def _log(campaign: str, served: str) -> list[Shown]:
    with (DATA / served / campaign / f"{campaign}.csv").open() as file:
        return [
            Shown(
                int(row["item_id"]),
                int(row["position"]) - 1,
                float(row["click"]),
                float(row["propensity_score"]),
            )
            for row in csv.DictReader(file)
        ]


def _sums(log: Sequence[Shown], policy: Policy) -> Sums:
    expected, total = _averages(log), Sums()
    by_policy = [
        sum(item[position] * expected[number, position] for number, item in enumerate(policy))
        for position in range(len(policy[0]))
    ]
    for shown in log:
        weight = policy[shown.item][shown.position] / shown.probability
        surprise = shown.click - expected[shown.item, shown.position]
        total.add(weight, shown.click, by_policy[shown.position] + weight * surprise)
    return total


def _averages(log: Sequence[Shown]) -> Mapping[tuple[int, int], float]:
    """The clicks of an item at a position, 0 where it was never shown."""
    clicks = defaultdict[tuple[int, int], list[float]](list)
    for shown in log:
        clicks[shown.item, shown.position].append(shown.click)
    averages = {where: sum(each) / len(each) for where, each in clicks.items()}
    return defaultdict(float, averages)


def table() -> Iterator[str]:
    yield (
        "| campaign, evaluated | earned when served | IPS (obp) | SNIPS (obp) "
        "| doubly robust (obp) | Cressie-Read | mean weight | effective events | flags |"
    )
    yield "|---|---|---|---|---|---|---|---|---|"
    for name, evaluated in CASES:
        found = case(name, evaluated)
        sums, obp = found.policy.total, found.obp
        earned = found.result.earned(found.policy, sums)
        yield (
            f"| {name}, {evaluated} | {found.truth:.5f} | {sums.ips:.5f} ({obp['ipw']:.5f}) "
            f"| {sums.snips:.5f} ({obp['snipw']:.5f}) "
            f"| {sums.doubly_robust:.5f} ({obp['dr']:.5f}) "
            f"| {earned.reward:.5f} [{earned.low:.5f}, {earned.high:.5f}] "
            f"| {sums.mean_weight:.2f} | {sums.effective_events:,.0f} "
            f"| {', '.join(flag.rule for flag in found.flags)} |"
        )


if __name__ == "__main__":
    for line in table():
        print(line)
