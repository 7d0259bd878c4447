"""configurations/service: a loop's settings."""

from collections.abc import Mapping

from personalizer.api import MODEL_HEADER, Request, Response
from personalizer.routes import Routes
from personalizer.usecases.configure import Configure
from personalizer.wire import configuration as wire

PATH = "/configurations/service"


def add(routes: Routes, configure: Configure) -> None:
    def get(request: Request, _: Mapping[str, str]) -> Response:
        found = configure.current(request.loop)
        return Response(200, wire.response(found, request.version))

    def put(request: Request, _: Mapping[str, str]) -> Response:
        done = configure(request.loop, wire.change(request.body, request.version))
        fate = "starts anew" if done.starts_anew else "goes on"
        body = wire.response(done.configuration, request.version)
        return Response(200, body, {MODEL_HEADER: fate})

    routes.add("GET", PATH, get)
    routes.add("PUT", PATH, put)
