"""configurations/service: a loop's settings."""

from collections.abc import Mapping

from personalizer.api import MODEL_HEADER, Request, Response
from personalizer.routes import Routes
from personalizer.usecases.configure import Configure
from personalizer.wire import configuration as wire

PATH = "/configurations/service"


class ConfigurationOperations:
    def __init__(self, configure: Configure):
        self._configure = configure

    def add_to(self, routes: Routes) -> None:
        routes.add("GET", PATH, self._get)
        routes.add("PUT", PATH, self._put)

    def _get(self, request: Request, _: Mapping[str, str]) -> Response:
        found = self._configure.current(request.loop)
        return Response(200, wire.response(found, request.version))

    def _put(self, request: Request, _: Mapping[str, str]) -> Response:
        done = self._configure(request.loop, wire.change(request.body, request.version))
        fate = "starts anew" if done.starts_anew else "goes on"
        body = wire.response(done.configuration, request.version)
        return Response(200, body, {MODEL_HEADER: fate})
