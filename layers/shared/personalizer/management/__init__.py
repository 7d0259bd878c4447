"""What a loop's owner may ask of it: each operation parses, calls one use case, and formats."""

from collections.abc import Mapping
from typing import Protocol

from personalizer.api import Request, Response, redirected
from personalizer.management import absent
from personalizer.routes import Routes
from personalizer.wire import status
from personalizer.wire import version as versions
from personalizer.wire.errors import refused


class Operations(Protocol):
    """Some that share an object of the API."""

    def add_to(self, routes: Routes) -> None: ...


class Management:
    def __init__(self, *operations: Operations):
        self._routes = Routes()
        self._routes.add("GET", "/status", _status)
        absent.add(self._routes)
        for each in operations:
            each.add_to(self._routes)

    def __call__(self, request: Request) -> Response:
        """Raises RequestError for a path that is none of the API's."""
        if elsewhere := redirected(request):
            return elsewhere
        call = versions.split(request.path)
        found = self._routes.find(request.method, call[1]) if call else None
        if found is None:
            raise refused("ResourceNotFound")
        operation, parameters = found
        return operation(request, parameters)


def _status(request: Request, _: Mapping[str, str]) -> Response:
    return Response(200, status.response())
