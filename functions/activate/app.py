"""POST events/{eventId}/activate: the deferred decision was shown after all."""

from typing import Any

from personalizer import bootstrap
from personalizer.api import Request, Response, anonymous
from personalizer.domain.access import RANKING
from personalizer.telemetry import Line, answered

activate = bootstrap.activate()


def post_activate(request: Request, line: Line) -> Response:
    """204 whether or not there was anything to activate."""
    key = request.key("InvalidEventIdToActivate")
    changed = activate(key)
    line.log("activated", event=anonymous(key.event_id), changed=changed)
    line.count("Activations", "Count", int(changed), loop=key.loop)
    return Response(204)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    return answered(event, context, post_activate, RANKING)
