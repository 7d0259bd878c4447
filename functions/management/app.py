"""What a loop's owner asks of it, and an answer for every path that is none of the API's."""

from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from personalizer import bootstrap
from personalizer.api import Request, Response, answer

logger = Logger()
metrics = Metrics()
management = bootstrap.management()


def manage(request: Request) -> Response:
    metrics.add_metric("ManagementCalls", MetricUnit.Count, 1)
    return management(request)


@metrics.log_metrics
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    return answer(event, manage, logger.info, metrics.add_metric)
