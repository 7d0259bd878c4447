"""What the contract has and this service does not, yet: each says so in the contract's words."""

from collections.abc import Mapping

from personalizer.api import Request, Response
from personalizer.routes import Operation, Routes
from personalizer.wire.errors import refused

_ANSWERS = {
    ("POST", "/multislot/rank"): "InvalidMultiSlotApiAccess",
    ("POST", "/multislot/events/{eventId}/reward"): "InvalidMultiSlotApiAccess",
    ("POST", "/multislot/events/{eventId}/activate"): "InvalidMultiSlotApiAccess",
    ("POST", "/logs/interactions"): "InvalidApiAccess",
    ("POST", "/logs/observations"): "InvalidApiAccess",
}


def add(routes: Routes) -> None:
    for (method, template), code in _ANSWERS.items():
        routes.add(method, template, _refusing(code))


def _refusing(code: str) -> Operation:
    def refuse(request: Request, _: Mapping[str, str]) -> Response:
        raise refused(code)

    return refuse
