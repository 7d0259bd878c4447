"""learningMetrics: is the loop learning, and is an apprentice ready?"""

from collections.abc import Mapping

from personalizer.api import Request, Response
from personalizer.routes import Routes
from personalizer.usecases.agreement import MeasureAgreement
from personalizer.usecases.health import MeasureHealth
from personalizer.wire import metrics as wire


class MetricOperations:
    def __init__(self, agreement: MeasureAgreement, health: MeasureHealth):
        self._agreement = agreement
        self._health = health

    def add_to(self, routes: Routes) -> None:
        routes.add("GET", "/learningMetrics", self._get)

    def _get(self, request: Request, _: Mapping[str, str]) -> Response:
        progress, checkup = self._agreement(request.loop), self._health(request.loop)
        return Response(200, wire.response(progress, checkup.health))
