"""What writing an event costs over awscrt, beside boto3: CPU of all the process's threads.

Both put the same item of 3 KB as rank does, in turn, and both are answered at once by a stub in
another process. The clients are the ones that the functions have.
"""

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

from benchmarks import stub
from benchmarks.figure import Figure
from personalizer.adapters import crt, sdk
from personalizer.adapters.aws import QUICK
from personalizer.adapters.dynamodb import DynamoEvents
from personalizer.domain.event import Aggregation, Event, Key, LearningMode, State

ROUNDS = 60
CALLS = 10
PAYLOAD = 2_500
"""Bytes, in an item of 3 KB as JSON has it."""
ENVIRONMENT = {
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_SESSION_TOKEN": "t" * 800,  # as long as Lambda's
}


def figures() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as empty, stub.running(Path(empty)) as url:
        before = dict(os.environ)
        os.environ.update(ENVIRONMENT, AWS_ENDPOINT_URL=url)
        ours, reference = _rank(crt.DynamoDB(QUICK)), _rank(sdk.client("dynamodb", QUICK))
        yield Figure("put_item_ratio", _ratio(ours, reference), "<=0.35")
        os.environ.clear()
        os.environ.update(before)


def _rank(client: Any) -> Callable[[], object]:
    events, event = DynamoEvents(client, "events", shards=8), _event()
    return lambda: events.rank(event)


def _ratio(ours: Callable[[], object], reference: Callable[[], object]) -> float:
    """Round by round in turn, so that both meet the same noise. The first round warms up."""
    pairs = [(_cpu(ours), _cpu(reference)) for _ in range(1 + ROUNDS)][1:]
    return statistics.median(a for a, _ in pairs) / statistics.median(b for _, b in pairs)


def _cpu(call: Callable[[], object]) -> int:
    """Many calls at once: awscrt's thread ends its work just after a call has returned."""
    started = time.process_time_ns()
    for _ in range(CALLS):
        call()
    return time.process_time_ns() - started


def _event() -> Event:
    now = time.time_ns() // 1_000_000
    random = Random(1)
    return Event(
        key=Key("loop", "event-1"),
        uid=random.randbytes(16).hex(),
        state=State.PENDING,
        ranked_at=now,
        deadline=now + 600_000,
        request_hash=random.randbytes(32),
        payload=random.randbytes(PAYLOAD),
        default_reward=Decimal(0),
        aggregation=Aggregation.EARLIEST,
        settles_early=True,
        learning_mode=LearningMode.ONLINE,
        policy="0" * 16,
        generation=7,
        floor=0.05,
    )
