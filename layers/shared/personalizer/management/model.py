"""model: what a loop ranks with, out, in, and back to an earlier one."""

from collections.abc import Callable, Mapping

from personalizer.api import GENERATION_HEADER, Request, Response
from personalizer.ports import Links, Loops, Objects, Signer
from personalizer.routes import Routes
from personalizer.usecases import steer
from personalizer.usecases.models import archive, served
from personalizer.usecases.models import history as past
from personalizer.usecases.models.placing import Placing
from personalizer.usecases.models.served import Exported, Properties
from personalizer.wire import model as wire
from personalizer.wire.errors import refused
from personalizer.wire.version import Version

PATH = "/model"
MAX_INLINE = 4 * 1024 * 1024
"""A function's answer has at most 6 MB, and in base64 a third more than the model."""
_BINARY = ("application/octet-stream", "application/zip")


class ModelOperations:
    """`new_id` makes names that no other change will ever use."""

    def __init__(
        self,
        loops: Loops,
        objects: Objects,
        placing: Placing,
        signer: Signer,
        links: Links,
        clock: Callable[[], int],
        new_id: Callable[[], str],
    ):
        self._loops = loops
        self._objects = objects
        self._placing = placing
        self._signer = signer
        self._links = links
        self._clock = clock
        self._new_id = new_id

    def add_to(self, routes: Routes) -> None:
        routes.add("GET", PATH, self._get)
        routes.add("HEAD", PATH, self._head)
        routes.add("PUT", PATH, self._put)
        routes.add("DELETE", PATH, self._delete)
        routes.add("GET", f"{PATH}/properties", self._properties)
        routes.add("GET", f"{PATH}/history", self._history)
        routes.add("POST", f"{PATH}/history/{{generation}}/restore", self._restore)

    def _get(self, request: Request, _: Mapping[str, str]) -> Response:
        """The file, or where it lies if it is large, or the client might not get it as bytes."""
        found = served.export(self._loops, self._objects, request.loop, self._clock())
        if found is None:
            return Response(200, headers=wire.BYTES)
        name, data = self._file(request, found)
        headers = wire.headers(name, found.made_at)
        if len(data) <= MAX_INLINE and _takes_bytes(request):
            return Response(200, data, headers, binary=True)
        return Response(307, headers={"Location": self._links.link(request.loop, data, name)})

    def _head(self, request: Request, _: Mapping[str, str]) -> Response:
        found = served.properties(self._loops, request.loop, self._clock())
        return Response(200, headers=_told(found))

    def _put(self, request: Request, _: Mapping[str, str]) -> Response:
        if request.version < Version.V1_1_PREVIEW_3:
            raise refused("ResourceNotFound")
        model = archive.opened(request.body, self._signer)
        generation = self._placing.adopt(request.loop, model)
        return Response(204, headers={GENERATION_HEADER: str(generation)})

    def _delete(self, request: Request, _: Mapping[str, str]) -> Response:
        steer.reset(self._loops, request.loop, self._new_id())
        return Response(204)

    def _properties(self, request: Request, _: Mapping[str, str]) -> Response:
        found = served.properties(self._loops, request.loop, self._clock())
        return Response(200, wire.properties(found))

    def _history(self, request: Request, _: Mapping[str, str]) -> Response:
        """A page of it, from before the generation that the query names."""
        text = request.query("before")
        before = None if text is None else wire.generation(text)
        found = past.page(self._loops, self._objects, request.loop, before)
        return Response(200, wire.history(found))

    def _restore(self, request: Request, parameters: Mapping[str, str]) -> Response:
        wanted = wire.generation(parameters["generation"])
        generation = self._placing.roll_back(request.loop, wanted)
        return Response(204, headers={GENERATION_HEADER: str(generation)})

    def _file(self, request: Request, found: Exported) -> tuple[str, bytes]:
        wants = (request.query("signed") or "").lower() == "true"
        if wants and request.version >= Version.V1_1_PREVIEW_3:
            return archive.NAME, archive.signed(found.model, self._signer)
        return "model.vw", found.model


def _told(found: Properties | None) -> dict[str, str]:
    return wire.headers("model.vw", found.modified_at) if found else wire.BYTES


def _takes_bytes(request: Request) -> bool:
    """API Gateway sends bytes, not base64, if the first type that is accepted is one of these."""
    first, _, _ = (request.header("accept") or "").partition(",")
    return first.partition(";")[0].strip().lower() in _BINARY
