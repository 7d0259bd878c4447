"""POST rank: choose one action, and remember how likely that choice was."""

from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

from personalizer import bootstrap
from personalizer.api import GENERATION_HEADER, Request, Response, anonymous, answer
from personalizer.domain.access import RANKING
from personalizer.wire import rank as wire

logger = Logger()
metrics = Metrics()
rank = bootstrap.rank()


def post_rank(request: Request) -> Response:
    ranking = rank(request.loop, wire.request(request.body))
    metrics.add_dimension("loop", request.loop)
    metrics.add_metric("Ranks", MetricUnit.Count, 1)
    if failed := rank.failed_refreshes():
        _count_failures(failed)
    logger.info(
        "ranked",
        loop=request.loop,
        event=anonymous(ranking.event_id),
        generation=ranking.generation,
        probability=ranking.chosen.probability,
        actions=len(ranking.actions),
    )
    generation = {GENERATION_HEADER: str(ranking.generation)}
    return Response(201, wire.response(ranking), generation)


def _count_failures(failed: int) -> None:
    """Of all loops together, so that one alarm hears them all."""
    of_all = EphemeralMetrics()
    of_all.add_metric("FailedRefreshes", MetricUnit.Count, failed)
    of_all.flush_metrics()


@metrics.log_metrics
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    return answer(event, post_rank, logger.info, metrics.add_metric, allowed=RANKING)
