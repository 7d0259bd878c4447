"""POST rank: choose one action, and remember how likely that choice was."""

from typing import Any

from personalizer import bootstrap
from personalizer.api import GENERATION_HEADER, Request, Response, anonymous
from personalizer.domain.access import RANKING
from personalizer.telemetry import Line, answered
from personalizer.wire import rank as wire

rank = bootstrap.rank()


def post_rank(request: Request, line: Line) -> Response:
    ranking = rank(request.loop, wire.request(request.body))
    line.log(
        "ranked",
        event=anonymous(ranking.event_id),
        generation=ranking.generation,
        probability=ranking.chosen.probability,
        actions=len(ranking.actions),
    )
    line.count("Ranks", "Count", 1, loop=request.loop)
    if ranking.unexplained:
        line.log("ranked", unexplained=ranking.unexplained)
        line.count("UnexplainedRanks", "Count", 1, loop=request.loop)
    if failed := rank.failed_refreshes():  # of all loops together: one alarm hears them all
        line.count("FailedRefreshes", "Count", failed)
    generation = {GENERATION_HEADER: str(ranking.generation)}
    return Response(201, wire.response(ranking), generation)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    return answered(event, context, post_rank, RANKING)
