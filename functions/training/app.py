"""The hub -> models: learn from joined events, each exactly once in effect.

Raises for infrastructure faults only, after training every loop that it could: Lambda delivers the
batch again, and what was trained is recognised.
"""

import base64
from dataclasses import asdict, replace
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

from personalizer.bootstrap import background
from personalizer.domain.health import Health
from personalizer.usecases.training import Trained
from personalizer.usecases.training.lines import Arrival

logger = Logger()
metrics = Metrics()
training = background.training()


@metrics.log_metrics
def handler(event: dict[str, Any], context: object) -> None:
    metrics.add_metric("Arrivals", MetricUnit.Count, len(event["Records"]))
    trained = training([_arrival(record) for record in event["Records"]])
    metrics.add_metric("Trained", MetricUnit.Count, sum(loop.learned for loop in trained))
    metrics.add_metric("Quarantined", MetricUnit.Count, sum(loop.quarantined for loop in trained))
    metrics.add_metric("LostModels", MetricUnit.Count, sum(loop.healed for loop in trained))
    for loop in trained:
        _count(loop)
    logger.info("trained", records=len(event["Records"]), loops=[_said(loop) for loop in trained])


def _count(trained: Trained) -> None:
    """In the loop's own dimension."""
    of_loop = EphemeralMetrics()
    of_loop.add_dimension("loop", trained.loop)
    of_loop.add_metric("Trained", MetricUnit.Count, trained.learned)
    of_loop.add_metric("Quarantined", MetricUnit.Count, trained.quarantined)
    for name, value in _vitals(trained.health).items():
        of_loop.add_metric(name, MetricUnit.NoUnit, value)
    of_loop.flush_metrics()


def _vitals(health: Health | None) -> dict[str, float]:
    """Whether the loop's model learns, if it has decided anything."""
    if health is None or not health.events:
        return {}
    random, baseline = health.against(health.random), health.against(health.baseline)
    return {
        "Entropy": health.lately.entropy,
        "GreedyShare": health.lately.greedy_share,
        "ImportanceWeight": random.importance_weight,
        "BeatsRandom": random.confidence,
        "BeatsBaseline": baseline.confidence,
    }


def _said(trained: Trained) -> dict[str, Any]:
    """Without the sums that the vitals are made of."""
    counts = asdict(replace(trained, health=None))
    del counts["health"]
    return counts | _vitals(trained.health)


def _arrival(record: dict[str, Any]) -> Arrival:
    """Shards of different streams may have the same name, and of one shard Lambda may read several
    partition keys at a time: numbers only tell before from after within all three."""
    stream = record["eventSourceARN"].rpartition("/")[2]
    shard = record["eventID"].partition(":")[0]
    hub = record["kinesis"]
    place = f"{stream}/{shard}/{hub['partitionKey']}"
    return Arrival(place, int(hub["sequenceNumber"]), base64.b64decode(hub["data"]))
