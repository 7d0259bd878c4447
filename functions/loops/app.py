"""The loops of this deployment: list, make, change and delete them, and renew their keys."""

from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from personalizer.api import Request, Response, answer
from personalizer.bootstrap import administration
from personalizer.domain.access import ADMINISTERING

logger = Logger()
metrics = Metrics()
loops = administration.loops()


def administer(request: Request) -> Response:
    response = loops(request)
    logger.info("administered", method=request.method, path=request.path, status=response.status)
    return response


@metrics.log_metrics
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    metrics.add_metric("LoopsCalls", MetricUnit.Count, 1)
    return answer(event, administer, logger.info, metrics.add_metric, allowed=ADMINISTERING)
