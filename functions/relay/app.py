"""The events table's stream -> the hub: what changed becomes what happened.

Raises when the hub does not answer, so that Lambda delivers the whole batch again; the trainer
drops what it has seen. A record that cannot be read is set aside and never blocks the others.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

from personalizer.adapters.dynamodb import stream
from personalizer.bootstrap import background
from personalizer.domain.audit import What
from personalizer.domain.hub import Change
from personalizer.errors import Unreadable

logger = Logger()
metrics = Metrics()
relay = background.relay()
quarantine = background.quarantine()


@metrics.log_metrics
def handler(event: dict[str, Any], context: object) -> None:
    metrics.add_metric("Changes", MetricUnit.Count, len(event["Records"]))
    relayed = relay([*_changes(event["Records"])])
    metrics.add_metric("Relayed", MetricUnit.Count, len(relayed.records))
    for loop, notes in relayed.notes.items():
        _count(loop, Counter(note.what for note in notes))
    logger.info("relayed", changes=len(event["Records"]), published=len(relayed.records))


def _count(loop: str, notes: Counter[What]) -> None:
    """In the loop's own dimension: its accounts as they grow, repetitions counted again."""
    of_loop = EphemeralMetrics()
    of_loop.add_dimension("loop", loop)
    for what in What:
        of_loop.add_metric(what.capitalize(), MetricUnit.Count, notes[what])
    of_loop.flush_metrics()


def _changes(records: list[dict[str, Any]]) -> Iterator[Change]:
    for record in records:
        try:
            yield stream.change(record)
        except Unreadable as error:
            quarantine.put(error.loop, error.place, str(error), error.data)
            metrics.add_metric("Quarantined", MetricUnit.Count, 1)
