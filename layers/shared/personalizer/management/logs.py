"""logs: when they were, what is in them and why, and an end to them."""

from collections.abc import Mapping

from personalizer.api import Request, Response
from personalizer.routes import Routes
from personalizer.usecases.evaluation.leftovers import Leftovers
from personalizer.usecases.explain import Explain
from personalizer.usecases.forget import Forget
from personalizer.usecases.logs import Logs
from personalizer.wire import explanation, paths
from personalizer.wire import logs as wire

PATH = "/logs"
TOKEN_HEADER = "X-Personalizer-Next"  # noqa: S105 - a place in a log, which opens nothing else
"""On a page of the log that is not the last: the `token` that asks for the next."""


class LogOperations:
    def __init__(self, logs: Logs, forget: Forget, leftovers: Leftovers, explain: Explain):
        self._logs = logs
        self._forget = forget
        self._leftovers = leftovers
        self._explain = explain

    def add_to(self, routes: Routes) -> None:
        routes.add("GET", PATH, self._get)
        routes.add("DELETE", PATH, self._delete)
        routes.add("GET", f"{PATH}/properties", self._properties)
        routes.add("GET", f"{PATH}/{{eventId}}/explanation", self._explanation)

    def _get(self, request: Request, _: Mapping[str, str]) -> Response:
        """A page of lines, newest segment first."""
        within = wire.within(request.query("from"), request.query("to"))
        page = self._logs.page(request.loop, within, request.query("token"))
        headers = {"Content-Type": "application/x-ndjson"}
        if page.token is not None:
            headers[TOKEN_HEADER] = page.token
        return Response(200, b"".join(line + b"\n" for line in page.lines), headers)

    def _delete(self, request: Request, _: Mapping[str, str]) -> Response:
        """Nothing of it is read again from now on; its objects go with the next retention, and what
        evaluations have of it at once."""
        self._forget.everything(request.loop)
        self._leftovers.of_deleted_log(request.loop)
        return Response(204)

    def _properties(self, request: Request, _: Mapping[str, str]) -> Response:
        return Response(200, wire.properties(self._logs.properties(request.loop)))

    def _explanation(self, request: Request, parameters: Mapping[str, str]) -> Response:
        """Why a decision was made, by its eventId or uid."""
        event = paths.event_id(parameters["eventId"], wire.CODE)
        within = wire.within(request.query("from"), request.query("to"))
        most = explanation.most(request.query("top"))
        found = self._explain(request.loop, event, within)
        return Response(200, explanation.response(found, most))
