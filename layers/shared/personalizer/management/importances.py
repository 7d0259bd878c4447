"""featureImportances: which features matter to a loop's policy."""

from collections.abc import Mapping

from personalizer.api import Request, Response
from personalizer.domain.evaluation.job import Kind
from personalizer.routes import Operation, Routes
from personalizer.usecases.evaluation.jobs import Evaluations
from personalizer.wire import importances as wire
from personalizer.wire import paths
from personalizer.wire.errors import refused
from personalizer.wire.evaluations import pages, requests
from personalizer.wire.version import Version

PATH = "/featureImportances"
KIND = Kind.FEATURES


class ImportanceOperations:
    def __init__(self, evaluations: Evaluations):
        self._evaluations = evaluations

    def add_to(self, routes: Routes) -> None:
        routes.add("GET", PATH, _of_the_last_version(self._list))
        routes.add("GET", f"{PATH}/{{id}}", _of_the_last_version(self._get))
        routes.add("PUT", f"{PATH}/{{id}}", _of_the_last_version(self._put))
        routes.add("DELETE", f"{PATH}/{{id}}", _of_the_last_version(self._delete))

    def _put(self, request: Request, parts: Mapping[str, str]) -> Response:
        job_id = paths.job_id(parts["id"], requests.FEATURES)
        wanted = requests.importance(request.body, job_id, request.version)
        self._evaluations.create(request.loop, KIND, wanted)
        return Response(200)

    def _get(self, request: Request, parts: Mapping[str, str]) -> Response:
        job = self._evaluations.get(request.loop, KIND, _id(parts))
        return Response(200, wire.shown(job, self._evaluations.scored(job)))

    def _list(self, request: Request, _: Mapping[str, str]) -> Response:
        jobs = self._evaluations.of(request.loop, KIND)
        paging = requests.paging(request.query)
        return Response(200, pages.page(jobs, paging, wire.told, request.address))

    def _delete(self, request: Request, parts: Mapping[str, str]) -> Response:
        self._evaluations.delete(request.loop, KIND, _id(parts))
        return Response(204)


def _of_the_last_version(operation: Operation) -> Operation:
    def guarded(request: Request, parts: Mapping[str, str]) -> Response:
        if request.version < Version.V2022_09_01_PREVIEW:
            raise refused("ResourceNotFound")
        return operation(request, parts)

    return guarded


def _id(parts: Mapping[str, str]) -> str:
    return paths.job_id(parts["id"], "FeatureImportanceNotFound")
