"""POST events/{eventId}/activate: the deferred decision was shown after all."""

from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from personalizer import bootstrap
from personalizer.api import Request, Response, anonymous, answer
from personalizer.domain.access import RANKING

logger = Logger()
metrics = Metrics()
activate = bootstrap.activate()


def post_activate(request: Request) -> Response:
    """204 whether or not there was anything to activate."""
    key = request.key("InvalidEventIdToActivate")
    changed = activate(key)
    metrics.add_dimension("loop", request.loop)
    metrics.add_metric("Activations", MetricUnit.Count, int(changed))
    logger.info("activated", loop=key.loop, event=anonymous(key.event_id), changed=changed)
    return Response(204)


@metrics.log_metrics
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    return answer(event, post_activate, logger.info, metrics.add_metric, allowed=RANKING)
