"""evaluations: what other policies would have earned; and how a loop gets the best of them."""

from collections.abc import Callable, Mapping
from uuid import UUID

from personalizer.api import GENERATION_HEADER, Request, Response
from personalizer.domain.evaluation.job import Job, Kind
from personalizer.routes import Routes
from personalizer.usecases.evaluation.apply import ApplyEvaluation
from personalizer.usecases.evaluation.jobs import Evaluations
from personalizer.wire import paths
from personalizer.wire.errors import refused
from personalizer.wire.evaluations import pages, requests, timeseries, windows
from personalizer.wire.version import LATEST, Version

PATH = "/evaluations"
KIND = Kind.EVALUATION


class EvaluationOperations:
    """`new_id` makes names that nothing else will ever have, of 32 hex digits."""

    def __init__(self, evaluations: Evaluations, apply: ApplyEvaluation, new_id: Callable[[], str]):
        self._evaluations = evaluations
        self._apply = apply
        self._new_id = new_id

    def add_to(self, routes: Routes) -> None:
        routes.add("GET", PATH, self._list)
        routes.add("POST", PATH, self._post)
        routes.add("GET", f"{PATH}/{{id}}", self._get)
        routes.add("PUT", f"{PATH}/{{id}}", self._put)
        routes.add("DELETE", f"{PATH}/{{id}}", self._delete)
        routes.add("POST", "/configurations/applyFromEvaluation", self._apply_from)

    def _post(self, request: Request, _: Mapping[str, str]) -> Response:
        """Until the last version, where the client names it."""
        if request.version >= Version.V2022_09_01_PREVIEW:
            raise refused("ResourceNotFound")
        job_id = str(UUID(self._new_id()))
        wanted = requests.evaluation(request.body, job_id, request.version)
        job = self._evaluations.create(request.loop, KIND, wanted)
        body = windows.shown(job, None, request.version)
        return Response(201, body, {"Location": f"{request.full_path}/{job_id}"})

    def _put(self, request: Request, parts: Mapping[str, str]) -> Response:
        if request.version < Version.V2022_09_01_PREVIEW:
            raise refused("ResourceNotFound")
        job_id = paths.job_id(parts["id"], requests.EVALUATION)
        wanted = requests.evaluation(request.body, job_id, request.version)
        self._evaluations.create(request.loop, KIND, wanted)
        return Response(200)

    def _get(self, request: Request, parts: Mapping[str, str]) -> Response:
        job = self._evaluations.get(request.loop, KIND, _id(parts))
        _check_version(job, request.version)
        if request.version < Version.V2022_09_01_PREVIEW:
            found = self._evaluations.evaluated(job)
            return Response(200, windows.shown(job, found, request.version))
        asked = requests.asked(request.query)
        return Response(200, timeseries.shown(job, self._evaluations.evaluated(job), asked))

    def _list(self, request: Request, _: Mapping[str, str]) -> Response:
        jobs = self._evaluations.of(request.loop, KIND)
        if request.version < Version.V2022_09_01_PREVIEW:
            return Response(200, windows.listed(jobs, request.version))
        paging = requests.paging(request.query)
        return Response(200, pages.page(jobs, paging, timeseries.told, request.address))

    def _delete(self, request: Request, parts: Mapping[str, str]) -> Response:
        self._evaluations.delete(request.loop, KIND, _id(parts))
        return Response(204)

    def _apply_from(self, request: Request, _: Mapping[str, str]) -> Response:
        if request.version < Version.V1_1_PREVIEW_1:
            raise refused("ResourceNotFound")
        generation = self._apply(request.loop, *requests.reference(request.body))
        made = {} if generation is None else {GENERATION_HEADER: str(generation)}
        return Response(204, headers=made)


def _id(parts: Mapping[str, str]) -> str:
    return paths.job_id(parts["id"], "EvaluationNotFound")


def _check_version(job: Job, version: Version) -> None:
    """The last version shows an evaluation otherwise than those before it. What the loop's schedule
    has made, all of them show."""
    is_latest = version >= Version.V2022_09_01_PREVIEW
    if not job.is_automatic and (job.version == LATEST) != is_latest:
        raise refused("IncompatibleEvaluationVersion")
