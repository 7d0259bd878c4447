"""What an administrator may ask: each operation parses, calls one use case, and formats."""

from collections.abc import Mapping

from personalizer.api import Request, Response
from personalizer.routes import Routes
from personalizer.usecases.fleet import Fleet
from personalizer.usecases.keys import Keyring
from personalizer.wire import loops as wire
from personalizer.wire.errors import refused


class Administration:
    def __init__(self, fleet: Fleet, keyring: Keyring):
        self._fleet = fleet
        self._keyring = keyring
        self._routes = Routes()
        self._routes.add("GET", "/loops", self._list)
        self._routes.add("GET", "/loops/{loop}", self._show)
        self._routes.add("PUT", "/loops/{loop}", self._put)
        self._routes.add("DELETE", "/loops/{loop}", self._delete)
        self._routes.add("POST", "/loops/{loop}/keys/{slot}", self._rotate)
        self._routes.add("DELETE", "/loops/{loop}/keys/{slot}", self._revoke)

    def __call__(self, request: Request) -> Response:
        found = self._routes.find(request.method, request.path)
        if found is None:
            raise refused("ResourceNotFound")
        operation, parts = found
        return operation(request, parts)

    def _list(self, request: Request, _: Mapping[str, str]) -> Response:
        return Response(200, wire.listed(self._fleet.loops()))

    def _show(self, request: Request, parts: Mapping[str, str]) -> Response:
        return Response(200, self._shown(wire.name(parts["loop"])))

    def _put(self, request: Request, parts: Mapping[str, str]) -> Response:
        loop = wire.name(parts["loop"])
        created = self._fleet.put(loop, wire.change(request.body))
        return Response(201 if created else 200, self._shown(loop))

    def _delete(self, request: Request, parts: Mapping[str, str]) -> Response:
        self._fleet.delete(wire.name(parts["loop"]))
        return Response(204)

    def _rotate(self, request: Request, parts: Mapping[str, str]) -> Response:
        place = wire.place(parts)
        return Response(201, wire.key(place, self._keyring.rotate(place)))

    def _revoke(self, request: Request, parts: Mapping[str, str]) -> Response:
        self._keyring.revoke(wire.place(parts))
        return Response(204)

    def _shown(self, loop: str) -> bytes:
        return wire.shown(loop, self._fleet.state(loop), self._keyring.held(loop))
