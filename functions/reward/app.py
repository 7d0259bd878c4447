"""POST events/{eventId}/reward: how good the decision was."""

from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from personalizer import bootstrap
from personalizer.api import Request, Response, anonymous, answer
from personalizer.domain.access import RANKING
from personalizer.wire import reward as wire

logger = Logger()
metrics = Metrics()
reward = bootstrap.reward()


def post_reward(request: Request) -> Response:
    """204 whether or not the event is known: a reward may come before its rank, or too late."""
    key = request.key(wire.CODE)
    counted = reward(key, wire.value(request.body), request.header("idempotency-key"))
    metrics.add_dimension("loop", key.loop)
    metrics.add_metric("Rewards" if counted else "RewardsIgnored", MetricUnit.Count, 1)
    logger.info("rewarded", loop=key.loop, event=anonymous(key.event_id), counted=counted)
    return Response(204)


@metrics.log_metrics
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    return answer(event, post_reward, logger.info, metrics.add_metric, allowed=RANKING)
