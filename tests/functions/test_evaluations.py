"""Evaluations and feature importances, through the API, in all its versions."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from personalizer import bootstrap
from personalizer.adapters.dynamodb import DynamoJobs
from personalizer.adapters.memory import MemoryQuarantine
from personalizer.adapters.vw import VwEngine
from personalizer.domain import names
from personalizer.domain.evaluation.job import Job, Kind, Status
from personalizer.domain.evaluation.result import Learned, PolicyResult
from personalizer.usecases.evaluation import results
from personalizer.usecases.evaluation.jobs import MOST_AT_ONCE
from personalizer.usecases.training import Training
from personalizer.wire import settings
from tests import stack
from tests.evaluations import a_feature_result, a_policy_result, a_result
from tests.factories import a_joined, an_arrival, is_error_model
from tests.functions.conftest import Service
from tests.functions.owner import Answer, Owner
from tests.functions.test_models import VERSIONS

FIRST, *NEWER = VERSIONS[:4]
LATEST = ""
HOUR = 3_600_000
POLICY = "--cb_explore_adf --epsilon 0.2 --cb_type mtr"
FOUND = "--cb_explore_adf --cb_type mtr"


@pytest.fixture(scope="module")
def logged(service: Service) -> str:
    """A loop whose log has two decisions, of some hours ago."""
    loop, engine = service.new_name(), VwEngine()
    service.new_loop(loop)
    service.keep_loops()
    ago = bootstrap.now() - 5 * HOUR
    training = Training(
        service.loops,
        service.objects,
        MemoryQuarantine(),
        engine,
        bootstrap.now,
        bootstrap.new_uid,
    )
    training(an_arrival(a_joined(n, loop=loop, ranked_at=ago, final_at=ago + n), n) for n in (1, 2))
    engine.close()
    return loop


@pytest.fixture
def owner(service: Service, logged: str) -> Iterator[Owner]:
    owner = Owner(service, logged)
    yield owner
    jobs = store(owner)
    for job in [job for kind in Kind for job in jobs.of(logged, kind)]:
        jobs.delete(logged, job.kind, job.id)


def store(owner: Owner) -> DynamoJobs:
    return DynamoJobs(stack.client("dynamodb"), owner.service.environment["LOOPS_TABLE"])


def a_contract(**changes: Any) -> bytes:
    now = bootstrap.now()
    contract = {
        "name": "mine",
        "startTime": settings.date(now - 24 * HOUR),
        "endTime": settings.date(now),
        "policies": [{"name": "custom", "arguments": POLICY}],
    }
    return json.dumps(contract | changes).encode()


def put(owner: Owner, path: str = "/evaluations", **changes: Any) -> str:
    """The id of a new one of the last version."""
    job_id = bootstrap.new_uid()
    answer = owner("PUT", f"{path}/{job_id}", a_contract(**changes))
    assert (answer.status, answer.body) == (200, b"")
    return job_id


def post(owner: Owner, version: str, **changes: Any) -> Answer:
    answer = owner("POST", f"{version}/evaluations", a_contract(**changes))
    assert answer.status == 201
    return answer


def finish(owner: Owner, job_id: str, *found: PolicyResult, kind: Kind = Kind.EVALUATION) -> Job:
    jobs = store(owner)
    job = jobs.get(owner.loop, kind, job_id)
    assert job
    done = replace(job, status=Status.SUCCEEDED, optimal="custom")
    assert jobs.replace(job, done)
    result = a_result(*found) if kind is Kind.EVALUATION else a_feature_result()
    results.write(owner.service.objects, done, result)
    return done


def window(**changes: str) -> dict[str, str]:
    return {
        "startTime": "2023-11-14T00:00:00Z",
        "endTime": "2023-11-15T00:00:00Z",
        **changes,
    }


def runs(owner: Owner) -> dict[str, str]:
    """Names and statuses of what Step Functions was asked to run for the loop."""
    machine = owner.service.environment["EVALUATION_MACHINE"]
    found = stack.client("stepfunctions").list_executions(stateMachineArn=machine)["executions"]
    own = [each for each in found if names.loop_of_run(each["name"]) == owner.loop]
    return {each["name"]: each["status"] for each in own}


# ------------------------------------------------------------------------ versions 1.0, 1.1


@pytest.mark.parametrize("version", VERSIONS[:4])
def test_an_evaluation_is_made_and_tells_where_it_is(owner: Owner, version: str) -> None:
    answer = post(owner, version, enableOfflineExperimentation=True)
    body = answer.json
    assert str(UUID(body["id"])) == body["id"]
    assert answer.headers["location"] == f"/v1/personalizer{version}/evaluations/{body['id']}"
    assert (body["status"], body["jobId"], body["name"]) == ("pending", body["id"], "mine")
    assert (body["policyResults"], body["featureImportance"]) == ([], [])
    job = store(owner).get(owner.loop, Kind.EVALUATION, body["id"])
    assert job
    assert (job.optimise, job.status, job.version) == (True, Status.RUNNING, version[1:])
    assert job.execution in runs(owner)


@pytest.mark.parametrize("version", VERSIONS[:4])
def test_an_evaluation_that_is_over_is_shown_with_what_it_found(owner: Owner, version: str) -> None:
    job_id = post(owner, version).json["id"]
    assert owner("GET", f"{version}/evaluations/{job_id}").json["status"] == "pending"
    finish(owner, job_id, a_policy_result("custom"))
    body = owner("GET", f"{version}/evaluations/{job_id}").json
    assert body["status"] == "completed"
    online, baseline, random, custom = body["policyResults"]
    assert [each["name"] for each in (online, baseline, random)] == [
        "online",
        "baseline1",
        "baselineRand",
    ]
    assert custom["totalSummary"]["ipsEstimatorDenominator"] == 5
    assert custom["totalSummary"]["estimates"]["comparedPolicies"] == 2
    assert body["flags"]


@pytest.mark.parametrize("version", VERSIONS[:4])
def test_all_versions_before_the_last_list_them_newest_first(owner: Owner, version: str) -> None:
    older, newer = post(owner, FIRST).json["id"], post(owner, version).json["id"]
    body = owner("GET", f"{version}/evaluations").json
    assert [each["id"] for each in body][:2] == [newer, older]
    assert "featureImportance" not in body[0]


# ------------------------------------------------------------------------- the last version


def test_an_evaluation_is_put_once(owner: Owner) -> None:
    job_id = put(owner, enablePolicyOptimization=True)
    job = store(owner).get(owner.loop, Kind.EVALUATION, job_id)
    assert job
    assert (job.optimise, job.version) == (True, "2022-09-01-preview")
    again = owner("PUT", f"/evaluations/{job_id}", a_contract(name="another"))
    assert again.refusal == (400, "EvaluationAlreadyExists")
    assert again.headers["x-ms-error-code"] == "EvaluationAlreadyExists"
    assert again.json["error"]["message"] == f"Evaluation with id {job_id} already exists."
    assert store(owner).get(owner.loop, Kind.EVALUATION, job_id) == job


def test_an_evaluation_is_shown_over_time(owner: Owner) -> None:
    job_id = put(owner)
    running = owner("GET", f"/evaluations/{job_id}", query=window()).json
    assert (running["status"], running["content"]["value"]) == ("Running", [])
    finish(owner, job_id, a_policy_result("custom"))
    body = owner("GET", f"/evaluations/{job_id}", query=window()).json
    assert (body["status"], body["evaluationType"]) == ("Succeeded", "Manual")
    assert body["optimalPolicy"] == "custom"
    custom = body["content"]["value"][-1]
    assert len(custom["timeseries"]["data"]) == 2
    low, high = custom["summary"]["confidenceInterval"]
    assert low <= custom["summary"]["expectedReward"] <= high
    rolling = window(window="Rolling", intervalInMinutes="60")
    body = owner("GET", f"/evaluations/{job_id}", query=rolling).json
    assert body["content"]["intervalInMinutes"] == 60


@pytest.mark.parametrize(
    ("query", "rule"),
    [
        (None, "MissingParameter"),
        (window(window="Rolling"), "IncompatibleIntervalAndWindow"),
        (window(intervalInMinutes="7"), "IncompatibleIntervalAndWindow"),
    ],
)
def test_a_time_that_cannot_be_cut_up_so_is_refused(
    owner: Owner, query: dict[str, str] | None, rule: str
) -> None:
    answer = owner("GET", f"/evaluations/{put(owner)}", query=query)
    assert answer.refusal == (400, "InvalidRequest")
    assert answer.json["error"]["innerError"]["code"] == rule


def test_a_list_comes_in_pages_that_lead_to_each_other(service: Service, owner: Owner) -> None:
    made = [put(owner) for _ in range(3)][::-1]
    body = owner("GET", "/evaluations", query={"maxpagesize": "2", "top": "3"}).json
    assert [each["id"] for each in body["value"]] == made[:2]
    assert "/v1/personalizer/evaluations?api-version=2022-09-01-preview" in body["nextLink"]
    rest = {"maxpagesize": "2", "top": "1", "skip": "2"}
    assert all(f"{name}={value}" in body["nextLink"] for name, value in rest.items())
    body = owner("GET", "/evaluations", query=rest).json
    assert [each["id"] for each in body["value"]] == made[2:]
    assert "nextLink" not in body


def test_a_link_to_the_next_page_leads_where_the_client_called(owner: Owner) -> None:
    for _ in range(2):
        put(owner)
    told = {"Host": "10.0.0.1:4566", "X-Forwarded-Proto": "https"}
    body = owner("GET", "/evaluations", query={"maxpagesize": "1"}, headers=told).json
    assert body["nextLink"].startswith("https://10.0.0.1:4566/v1/")


def test_automatic_ones_are_shown_by_all_versions_and_filtered(owner: Owner) -> None:
    job_id = put(owner)
    job = store(owner).get(owner.loop, Kind.EVALUATION, job_id)
    assert job
    assert store(owner).replace(job, replace(job, is_automatic=True))
    body = owner("GET", "/evaluations", query={"filter": "evaluationType eq 'Auto'"}).json
    assert [each["id"] for each in body["value"]] == [job_id]
    assert owner("GET", f"/v1.0/evaluations/{job_id}").status == 200
    assert owner("GET", f"/evaluations/{job_id}", query=window()).status == 200
    bad = owner("GET", "/evaluations", query={"filter": "name eq 'x'"})
    assert bad.refusal == (400, "InvalidRequest")


# -------------------------------------------------------------------------- all versions


@pytest.mark.parametrize("version", VERSIONS)
def test_a_deleted_evaluation_is_gone_with_its_run_and_its_result(
    owner: Owner, version: str
) -> None:
    job_id = put(owner)
    job = store(owner).get(owner.loop, Kind.EVALUATION, job_id)
    assert job
    results.write(owner.service.objects, job, a_result())
    assert owner("DELETE", f"{version}/evaluations/{job_id}").status == 204
    assert runs(owner)[job.execution] == "ABORTED"
    assert [*owner.service.objects.keys(names.job(*job.ref))] == []
    for method in ("GET", "DELETE"):
        answer = owner(method, f"{version}/evaluations/{job_id}", query=window())
        assert answer.refusal == (404, "EvaluationNotFound")


def test_an_evaluation_of_the_last_version_is_shown_by_it_alone(owner: Owner) -> None:
    latest, earlier = put(owner), post(owner, FIRST).json["id"]
    for version, job_id in [*((version, latest) for version in VERSIONS[:4]), (LATEST, earlier)]:
        answer = owner("GET", f"{version}/evaluations/{job_id}", query=window())
        assert answer.refusal == (405, "IncompatibleEvaluationVersion")
        assert is_error_model(answer.json)
    assert owner("GET", f"{NEWER[-1]}/evaluations/{earlier}").status == 200


@pytest.mark.parametrize("job_id", ["nothing", "x" * 257, "%ff", "a%2Fb"])
@pytest.mark.parametrize("version", [FIRST, LATEST])
def test_an_evaluation_that_is_not_there_is_not_found(
    owner: Owner, version: str, job_id: str
) -> None:
    answer = owner("GET", f"{version}/evaluations/{job_id}", query=window())
    assert answer.refusal == (404, "EvaluationNotFound")


def test_an_id_may_be_anything_that_fits(owner: Owner) -> None:
    job_id = "a%2Fb%20%C3%BC%252F"
    assert owner("PUT", f"/evaluations/{job_id}", a_contract()).status == 200
    assert owner("GET", f"/evaluations/{job_id}", query=window()).json["id"] == "a/b ü%2F"
    assert owner("DELETE", f"/evaluations/{job_id}").status == 204
    answer = owner("PUT", f"/evaluations/{'x' * 257}", a_contract())
    assert answer.refusal == (400, "InvalidEvaluationContract")


def test_operations_of_other_versions_are_not_there(owner: Owner) -> None:
    calls = [
        ("POST", "/evaluations"),
        *(("PUT", f"{version}/evaluations/e") for version in VERSIONS[:4]),
        *(("GET", f"{version}/featureImportances") for version in VERSIONS[:4]),
        *(("PUT", f"{version}/featureImportances/f") for version in VERSIONS[:4]),
        *(("DELETE", f"{version}/featureImportances/f") for version in VERSIONS[:4]),
        ("POST", "/v1.0/configurations/applyFromEvaluation"),
    ]
    for method, path in calls:
        assert owner(method, path, a_contract()).refusal == (404, "ResourceNotFound")


BAD: list[tuple[dict[str, Any], str, str]] = [
    (
        {"startTime": "2023-01-02T00:00:00Z", "endTime": "2023-01-01T00:00:00Z"},
        "InvalidEvaluationContract",
        "InvalidDateTimesInEvaluationContract",
    ),
    ({"startTime": "yesterday"}, "InvalidEvaluationContract", "InvalidDate"),
    ({"policies": None}, "InvalidEvaluationContract", "InvalidEvaluationContract"),
    (
        {"policies": [{"name": "a", "arguments": POLICY}] * 2},
        *("DuplicateCustomPolicyNames",) * 2,
    ),
    (
        {"policies": [{"name": str(n), "arguments": POLICY} for n in range(11)]},
        "InvalidEvaluationContract",
        "MaximumEvaluationCustomPoliciesExceeded",
    ),
    (
        {"policies": [{"name": "online", "arguments": POLICY}]},
        "InvalidEvaluationContract",
        "PolicyNameReserved",
    ),
    (
        {"policies": [{"name": "a", "arguments": f"{POLICY} --daemon"}]},
        "InvalidPolicyConfiguration",
        "OptionNotAllowed",
    ),
    (
        {"policies": [{"name": "a", "arguments": "-q ::"}]},
        "InvalidPolicyConfiguration",
        "MissingLearningPolicyAlgorithm",
    ),
    (
        {"policies": [{"name": "a", "modelGeneration": 99}]},
        "InvalidEvaluationContract",
        "ModelGenerationNotFound",
    ),
    (
        {"startTime": "2001-01-01T00:00:00Z", "endTime": "2001-02-01T00:00:00Z"},
        *("NoLogsExistInDateRange",) * 2,
    ),
]


@pytest.mark.parametrize(("changes", "code", "rule"), BAD)
def test_what_cannot_be_evaluated_is_refused_and_leaves_nothing(
    owner: Owner, changes: dict[str, Any], code: str, rule: str
) -> None:
    before = store(owner).of(owner.loop, Kind.EVALUATION), runs(owner)
    for method, path in (("POST", "/v1.1-preview.1/evaluations"), ("PUT", "/evaluations/bad")):
        answer = owner(method, path, a_contract(**changes))
        assert answer.refusal == (400, code)
        assert answer.json["error"]["innerError"]["code"] == rule
        assert is_error_model(answer.json)
    assert (store(owner).of(owner.loop, Kind.EVALUATION), runs(owner)) == before


@pytest.mark.parametrize(
    ("changes", "inner"),
    [
        ({"startTime": "2001-01-01", "endTime": "2001-02-01"}, "NoLogsExistInDateRange"),
        (
            {"policies": [{"name": "a", "arguments": POLICY}] * 2},
            "DuplicateCustomPolicyNames",
        ),
    ],
)
def test_the_first_version_hears_its_own_code(
    owner: Owner, changes: dict[str, Any], inner: str
) -> None:
    answer = owner("POST", "/v1.0/evaluations", a_contract(**changes))
    assert answer.refusal == (400, "InvalidEvaluationContract")
    assert answer.json["error"]["innerError"]["code"] == inner


@pytest.mark.parametrize("version", VERSIONS)
def test_too_many_at_once_are_refused_and_one_that_is_over_makes_room(
    owner: Owner, version: str
) -> None:
    first, *_ = [put(owner) for _ in range(MOST_AT_ONCE)]

    def another() -> Answer:
        method, place = ("POST", "") if version in VERSIONS[:4] else ("PUT", f"/{first}-2")
        return owner(method, f"{version}/evaluations{place}", a_contract())

    assert another().refusal == (429, "TooManyEvaluations")
    assert len(store(owner).of(owner.loop, Kind.EVALUATION)) == MOST_AT_ONCE
    finish(owner, first)
    assert another().status in (200, 201)


# --------------------------------------------------------------------------------- applied


def reference(evaluation: str, policy: str = "custom") -> bytes:
    return json.dumps({"evaluationId": evaluation, "policyName": policy}).encode()


def learned(owner: Owner) -> Learned:
    engine, key = VwEngine(), f"{names.jobs(owner.loop)}model"
    owner.service.objects.write(key, engine.learn(FOUND, None, []).model)
    engine.close()
    state = owner.service.loops.state(owner.loop, consistent=True)
    replay = state.configuration.replay
    return Learned(key, FOUND, state.configuration.cost_offset, replay, 0, 0)


def apply(owner: Owner, evaluation: str, policy: str = "custom", version: str = LATEST) -> Answer:
    path = f"{version}/configurations/applyFromEvaluation"
    return owner("POST", path, reference(evaluation, policy))


@pytest.mark.parametrize("version", VERSIONS[1:])
def test_a_policy_is_applied_with_the_model_that_it_learned(owner: Owner, version: str) -> None:
    job_id = put(owner)
    finish(owner, job_id, a_policy_result("custom", arguments=FOUND, learned=learned(owner)))
    before = owner.service.head(owner.loop)
    answer = apply(owner, job_id, version=version)
    assert (answer.status, answer.body) == (204, b"")
    generation = before.generation + 1
    assert answer.headers["x-personalizer-generation"] == str(generation)
    assert owner("GET", "/configurations/policy").json["arguments"].startswith(FOUND[:17])
    history = owner("GET", "/configurations/policy/history").json
    assert history[0]["name"] == "custom"
    newest = owner("GET", "/model/history").json[0]
    assert (newest["generation"], newest["source"]) == (generation, "learned")


def test_what_was_served_is_applied_by_changing_nothing(owner: Owner) -> None:
    job_id = put(owner)
    finish(owner, job_id)
    before = owner.service.head(owner.loop)
    assert apply(owner, job_id, "online").status == 204
    assert owner.service.head(owner.loop) == before


def test_what_cannot_be_applied_is_refused_and_changes_nothing(owner: Owner) -> None:
    before, running, done = owner.service.head(owner.loop), put(owner), put(owner)
    finish(owner, done, a_policy_result("custom"))
    path = "/configurations/applyFromEvaluation"
    for answer, status, code in [
        (apply(owner, "nothing"), 404, "EvaluationNotFound"),
        (apply(owner, running), 400, "InvalidRequest"),
        (apply(owner, done, "other"), 404, "LearningSettingsNotFound"),
        (apply(owner, done, "baseline1"), 404, "LearningSettingsNotFound"),
        (apply(owner, done), 404, "EvaluationModelNotFound"),
        (owner("POST", path, b"{}"), 400, "InvalidRequest"),
    ]:
        assert answer.refusal == (status, code)
        assert is_error_model(answer.json)
    assert owner.service.head(owner.loop) == before
    inner = apply(owner, running).json["error"]["innerError"]
    assert inner == {"code": "EvaluationNotCompleted"}


# ------------------------------------------------------------------------------ importances


def test_a_feature_importance_is_put_shown_listed_and_deleted(owner: Owner) -> None:
    job_id = put(owner, "/featureImportances")
    path = f"/featureImportances/{job_id}"
    running = owner("GET", path).json
    assert (running["status"], running["featureScores"]) == ("Running", [])
    again = owner("PUT", path, a_contract())
    assert again.refusal == (400, "FeatureImportanceAlreadyExists")
    finish(owner, job_id, kind=Kind.FEATURES)
    scores = owner("GET", path).json["featureScores"]
    assert [each["score"] for each in scores] == [100.0, 3.0]
    (listed,) = owner("GET", "/featureImportances").json["value"]
    assert (listed["id"], "featureScores" in listed) == (job_id, False)
    assert owner("DELETE", path).status == 204
    for method in ("GET", "DELETE"):
        assert owner(method, path).refusal == (404, "FeatureImportanceNotFound")
    assert owner("GET", "/featureImportances").json == {"value": []}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name": None}, "InvalidContract"),
        ({"startTime": "2030-01-01", "endTime": "2029-01-01"}, "InvalidContract"),
        ({"startTime": "2001-01-01", "endTime": "2001-02-01"}, "NoLogsExistInDateRange"),
    ],
)
def test_a_feature_importance_that_cannot_be_is_refused(
    owner: Owner, changes: dict[str, Any], code: str
) -> None:
    answer = owner("PUT", "/featureImportances/bad", a_contract(**changes))
    assert answer.refusal == (400, code)
    assert store(owner).get(owner.loop, Kind.FEATURES, "bad") is None


def test_nobody_sees_the_evaluations_of_another_loop(service: Service, owner: Owner) -> None:
    job_id, other = put(owner), Owner(service, service.new_loop())
    assert other("GET", "/evaluations").json == {"value": []}
    for method in ("GET", "DELETE"):
        answer = other(method, f"/evaluations/{job_id}", query=window())
        assert answer.refusal == (404, "EvaluationNotFound")
    assert apply(other, job_id).refusal == (404, "EvaluationNotFound")
    assert owner("GET", f"/evaluations/{job_id}", query=window()).status == 200
