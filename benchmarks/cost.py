"""What a million decisions cost on AWS, on paper: `python -m benchmarks.cost` prints a table.

Measured here: the bytes of an event's item, and the processor time of a rank. The rest are AWS's
list prices, and how long DynamoDB lets a call wait.
"""

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

from benchmarks import handler, stored
from benchmarks.figure import Figure
from benchmarks.requests import AZURE_POLICY, LARGE, SMALL, Size, bodies
from personalizer.adapters.memory import MemoryEvents

MILLION = 1_000_000
REQUESTS = 300

API_CALL = 3.50 / MILLION
"""Dollars, us-east-1; as all that follow: a REST API's first 333 million calls a month."""
WRITE_UNIT = 0.625 / MILLION
"""On demand, for each KB of an item that is begun."""
LAMBDA_CALL = 0.20 / MILLION
GB_SECOND = 0.0000133334
"""On arm64."""
LOG_BYTE = 0.50 / 1e9
AZURE = 80.0
"""For a million calls of Rank in Azure's standard tier, by its list of 2019."""

RANK_GB, REWARD_GB, TRAINING_GB = 1.0, 0.5, 1.73
"""As in template.yaml."""
FULL_PROCESSOR_GB = 1.769
"""Lambda gives as much of a processor as there is memory."""
DYNAMODB_S = 0.006
"""How long a rank or a reward waits for its one write, roughly."""
INDEX_WRITES = 2
"""A pending event comes into the sweeper's index, and leaves it."""
LOG_BYTES = 600
"""A call's line."""
TRAINED_S = 0.001
"""To relay an event and to learn it, four earlier ones with it."""


@dataclass(frozen=True, slots=True)
class Measured:
    item_bytes: float
    rank_s: float


def figures() -> Iterator[Figure]:
    for size in (SMALL, LARGE):
        cost = sum(parts(measured(size), rewarded=1.0).values()) * MILLION
        yield Figure(f"dollars_per_million_{size.actions}", cost, f"<{AZURE:g}")


def measured(size: Size) -> Measured:
    handle = handler.serving(handler.taught(AZURE_POLICY, size), MemoryEvents())
    took = []
    with handler.unread():
        for body in bodies(size, REQUESTS, new_actions=False):
            began = time.process_time()
            handle(handler.call(body))
            took.append(time.process_time() - began)
    return Measured(stored.item_bytes(size), median(took))


def parts(one: Measured, rewarded: float) -> dict[str, float]:
    """Dollars for a decision of which such a share gets a reward; the others, the default."""
    calls = 1 + rewarded
    writes = 2 * math.ceil(one.item_bytes / 1024) + INDEX_WRITES
    return {
        "API Gateway": calls * API_CALL,
        "DynamoDB": writes * WRITE_UNIT,
        "Lambda": calls * LAMBDA_CALL + _busy(one.rank_s, rewarded) * GB_SECOND,
        "logs": calls * LOG_BYTES * LOG_BYTE,
    }


def _busy(rank_s: float, rewarded: float) -> float:
    """GB-seconds: of the rank, of the reward, which takes half as long, and of what comes after."""
    rank = RANK_GB * (rank_s * FULL_PROCESSOR_GB / RANK_GB + DYNAMODB_S)
    reward = REWARD_GB * (rank_s / 2 * FULL_PROCESSOR_GB / REWARD_GB + DYNAMODB_S)
    return rank + rewarded * reward + TRAINING_GB * TRAINED_S


def table() -> Iterator[str]:
    names = [*parts(Measured(0, 0), 1.0)]
    yield f"| actions | rewarded | {' | '.join(names)} | together |"
    yield f"|{'---|' * (len(names) + 3)}"
    for size in (SMALL, LARGE):
        found = measured(size)
        for rewarded in (1.0, 0.1):
            cost = [dollars * MILLION for dollars in parts(found, rewarded).values()]
            shown = " | ".join(f"${each:.2f}" for each in [*cost, sum(cost)])
            yield f"| {size.actions} | {rewarded:.0%} | {shown} |"


if __name__ == "__main__":
    print(*table(), sep="\n")
