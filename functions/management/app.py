"""What a loop's owner asks of it, and an answer for every path that is none of the API's."""

from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from personalizer.api import answer
from personalizer.bootstrap import administration
from personalizer.domain.access import MANAGING

logger = Logger()
metrics = Metrics()
management = administration.management()


@metrics.log_metrics
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    metrics.add_metric("ManagementCalls", MetricUnit.Count, 1)
    return answer(event, management, logger.info, metrics.add_metric, allowed=MANAGING)
