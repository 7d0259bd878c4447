"""One evaluation from the request to the loop that learns on by what it found: the functions take
turns as the state machine lets them."""

import json
from decimal import Decimal
from typing import Any

import pytest

from personalizer import bootstrap, payload
from personalizer.adapters.dynamodb import DynamoJobs
from personalizer.adapters.memory import MemoryQuarantine
from personalizer.adapters.vw import VwEngine, examples
from personalizer.domain.decision import Decision
from personalizer.domain.evaluation.job import Kind
from personalizer.domain.event import Key
from personalizer.domain.example import Example
from personalizer.usecases.training import Training
from personalizer.usecases.verify import Verify
from personalizer.wire import settings
from tests import stack
from tests.factories import a_joined, a_request, an_arrival
from tests.functions.conftest import Service, call
from tests.functions.owner import Owner

HOUR = 3_600_000
CUSTOM = "--cb_explore_adf --cb_type mtr -l 0.5 -q :i"
DECISIONS, BATCH = 60, 12
RANK = {"actions": [{"id": name, "features": [{"name": name}]} for name in "abc"]}


@pytest.fixture
def owner(service: Service) -> Owner:
    """Of a loop that has tried three actions by turns; the first one pays."""
    loop, engine = service.new_loop(), VwEngine()
    began = bootstrap.now() - 3 * HOUR
    training = Training(
        service.loops,
        service.objects,
        MemoryQuarantine(),
        engine,
        bootstrap.now,
        bootstrap.new_uid,
    )
    for first in range(0, DECISIONS, BATCH):
        numbers = range(first, first + BATCH)
        training(an_arrival(decided(loop, n, began + n * 60_000), n) for n in numbers)
    engine.close()
    return Owner(service, loop)


def decided(loop: str, number: int, at: int) -> Any:
    chosen = number % 3
    order = (chosen, *(each for each in range(3) if each != chosen))
    features = examples.features(a_request())
    example = Example(Decision(order, (1 / 3,) * 3, ()), 1, features)
    reward = Decimal(chosen == 0)
    times = {"ranked_at": at, "final_at": at + 1}
    return a_joined(number, loop=loop, reward=reward, payload=payload.pack(example), **times)


def work_on(owner: Owner, kind: Kind, job_id: str) -> None:
    jobs = DynamoJobs(stack.client("dynamodb"), owner.service.environment["LOOPS_TABLE"])
    job = jobs.get(owner.loop, kind, job_id)
    assert job

    def task(name: str, **more: Any) -> Any:
        told = {"task": name, **job.ref._asdict(), **more}
        return owner.service("evaluation", told)

    while not (plan := task("plan"))["done"]:
        pass
    for part in plan["parts"]:
        task("gather", part=part)
    while studies := task("choose")["studies"]:
        for study in studies:
            while not task("study", study=study)["done"]:
                pass
    task("conclude")


def contract(**changes: Any) -> bytes:
    now = bootstrap.now()
    times = {"startTime": settings.date(now - 24 * HOUR), "endTime": settings.date(now)}
    return json.dumps({"name": "mine", "policies": [], **times, **changes}).encode()


def test_a_policy_is_evaluated_and_becomes_the_loops_own(owner: Owner) -> None:
    policies = [{"name": "custom", "arguments": CUSTOM}, {"name": "then", "modelGeneration": 2}]
    asked = contract(policies=policies)
    made = owner("POST", "/v1.1-preview.3/evaluations", asked).json
    work_on(owner, Kind.EVALUATION, made["id"])

    body = owner("GET", f"/v1.1-preview.3/evaluations/{made['id']}").json
    assert body["status"] == "completed"
    found = {each["name"]: each["totalSummary"] for each in body["policyResults"]}
    assert found["online"]["averageReward"] == pytest.approx(1 / 3)
    assert found["baseline1"]["averageReward"] == pytest.approx(1)
    assert found["custom"]["ipsEstimatorDenominator"] == DECISIONS
    low, high = found["custom"]["estimates"]["confidenceInterval"]
    assert low < found["custom"]["estimates"]["expectedReward"] < high
    assert found["then"]["snipsEstimatorDenominator"] > 0

    reference = json.dumps({"evaluationId": made["id"], "policyName": "custom"}).encode()
    path = "/v1.1-preview.3/configurations/applyFromEvaluation"
    assert owner("POST", path, reference).status == 204
    newest = owner("GET", "/model/history").json[0]
    assert (newest["source"], newest["arguments"]) == ("learned", CUSTOM)
    assert is_verified(owner)


def test_the_loop_serves_and_learns_on_from_what_was_applied(owner: Owner) -> None:
    job_id = "e"
    asked = contract(policies=[{"name": "custom", "arguments": CUSTOM}])
    assert owner("PUT", f"/evaluations/{job_id}", asked).status == 200
    work_on(owner, Kind.EVALUATION, job_id)
    reference = json.dumps({"evaluationId": job_id, "policyName": "custom"}).encode()
    answer = owner("POST", "/configurations/applyFromEvaluation", reference)
    generation = int(answer.headers["x-personalizer-generation"])
    ranked = owner.service("rank", call("rank", owner.loop, RANK))
    assert ranked["headers"]["X-Personalizer-Generation"] == str(generation)
    event_id = json.loads(ranked["body"])["eventId"]
    assert owner.service.events.get(Key(owner.loop, event_id))


def test_an_earlier_model_that_was_evaluated_is_gone_back_to(owner: Owner) -> None:
    asked = contract(policies=[{"name": "then", "modelGeneration": 2}])
    assert owner("PUT", "/evaluations/e", asked).status == 200
    work_on(owner, Kind.EVALUATION, "e")
    reference = json.dumps({"evaluationId": "e", "policyName": "then"}).encode()
    assert owner("POST", "/configurations/applyFromEvaluation", reference).status == 204
    newest = owner("GET", "/model/history").json[0]
    assert (newest["source"], newest["base"]) == ("restored", 2)


def test_features_are_weighed(owner: Owner) -> None:
    assert owner("PUT", "/featureImportances/f", contract()).status == 200
    work_on(owner, Kind.FEATURES, "f")
    body = owner("GET", "/featureImportances/f").json
    assert body["status"] == "Succeeded"
    assert all(0 <= each["score"] <= 100 for each in body["featureScores"])


def is_verified(owner: Owner) -> bool:
    engine = VwEngine()
    verdicts = [*Verify(owner.service.loops, owner.service.objects, engine)(owner.loop)]
    engine.close()
    return all(verdict.same and verdict.stored and not verdict.given for verdict in verdicts)
