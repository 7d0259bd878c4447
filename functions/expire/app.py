"""Every minute: events whose wait is over get their default reward."""

from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from personalizer.bootstrap import background

logger = Logger()
metrics = Metrics()
expire = background.expire()


@metrics.log_metrics
def handler(event: dict[str, Any], context: object) -> None:
    metrics.add_metric("Sweeps", MetricUnit.Count, 1)
    expired = expire()
    metrics.add_metric("Expired", MetricUnit.Count, expired)
    logger.info("expired", events=expired)
