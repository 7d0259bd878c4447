"""GET status, and an answer in the contract's form for every path that is none of the API's."""

import re
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from personalizer.api import Request, Response, answer
from personalizer.domain.access import MANAGING
from personalizer.wire import status
from personalizer.wire.errors import refused

logger = Logger()
metrics = Metrics()

STATUS = re.compile(r"/personalizer/[^/]+/status")


def manage(request: Request) -> Response:
    if request.method == "GET" and STATUS.fullmatch(request.path):
        metrics.add_metric("StatusChecks", MetricUnit.Count, 1)
        return Response(200, status.response())
    metrics.add_metric("Unrouted", MetricUnit.Count, 1)
    raise refused("ResourceNotFound")


@metrics.log_metrics
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    return answer(event, manage, logger.info, metrics.add_metric, allowed=MANAGING)
