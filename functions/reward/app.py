"""POST events/{eventId}/reward: how good the decision was."""

from typing import Any

from personalizer import bootstrap
from personalizer.api import Request, Response, anonymous
from personalizer.domain.access import RANKING
from personalizer.telemetry import Line, answered
from personalizer.wire import reward as wire

reward = bootstrap.reward()


def post_reward(request: Request, line: Line) -> Response:
    """204 whether or not the event is known: a reward may come before its rank, or too late."""
    key = request.key(wire.CODE)
    counted = reward(key, wire.value(request.body), request.header("idempotency-key"))
    line.log("rewarded", event=anonymous(key.event_id), counted=counted)
    line.count("Rewards" if counted else "RewardsIgnored", "Count", 1, loop=key.loop)
    return Response(204)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    return answered(event, context, post_reward, RANKING)
