"""learningMetrics: is an apprentice ready?"""

from collections.abc import Mapping

from personalizer.api import Request, Response
from personalizer.routes import Routes
from personalizer.usecases.agreement import MeasureAgreement
from personalizer.wire import metrics as wire


class MetricOperations:
    def __init__(self, measure: MeasureAgreement):
        self._measure = measure

    def add_to(self, routes: Routes) -> None:
        routes.add("GET", "/learningMetrics", self._get)

    def _get(self, request: Request, _: Mapping[str, str]) -> Response:
        return Response(200, wire.response(self._measure(request.loop)))
