"""Every hour: what is older than its loop wants kept is forgotten, and removed."""

from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from personalizer.bootstrap import background

logger = Logger()
metrics = Metrics()
retention = background.retention()

ENOUGH_MS = 60_000
"""What one go may take; it is not begun in less. The next hour goes on."""


@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> None:
    metrics.add_metric("RetentionRuns", MetricUnit.Count, 1)
    done = retention(lambda: context.get_remaining_time_in_millis() > ENOUGH_MS)
    metrics.add_metric("LoopsBehindRetention", MetricUnit.Count, done.behind)
    logger.info("retained", loops=done.loops, behind=done.behind)
