"""Azure's newest SDK of Python, synchronous and not, drives evaluations from start to end."""

import asyncio
import gc
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from inspect import isawaitable
from typing import Any

import azure.ai.personalizer as sync
import azure.ai.personalizer.aio as aio
import pytest
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

from personalizer.domain.evaluation.job import Kind
from personalizer.wire.evaluations import requests
from tests.evaluations import START, a_policy_result
from tests.functions import gateway
from tests.functions.owner import Owner
from tests.functions.test_evaluations import FOUND, POLICY, finish, learned, logged, owner

__all__ = ["logged", "owner"]

pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

NOW = datetime.now(UTC)
CONTRACT = {
    "name": "mine",
    "startTime": (NOW - timedelta(days=1)).isoformat(),
    "endTime": NOW.isoformat(),
    "policies": [{"name": "custom", "arguments": POLICY}],
    "enablePolicyOptimization": True,
}
WHEN = datetime.fromtimestamp(START / 1000, UTC)
TIMES = {"start_time": WHEN, "end_time": WHEN + timedelta(hours=1)}

type Script = Callable[[Any], Awaitable[None]]


@pytest.fixture(params=[sync, aio], ids=["sync", "aio"])
def run(request: pytest.FixtureRequest, owner: Owner) -> Iterator[Callable[[Script], None]]:
    """Runs a script with an administration client of either kind."""
    with gateway.listening(owner.service, owner.loop) as url:

        async def running(script: Script) -> None:
            client = request.param.PersonalizerAdministrationClient(url, AzureKeyCredential("key"))
            await script(client)
            await done(client.close())

        yield lambda script: asyncio.run(running(script))
        gc.collect()  # the SDK leaves connections open: they end with the test that made them


async def done(call: Any) -> Any:
    """What a call comes to, whichever kind of client made it."""
    return await call if isawaitable(call) else call


async def listed(pages: Any) -> list[Any]:
    return [item async for item in pages] if hasattr(pages, "__aiter__") else [*pages]


async def refusal(call: Callable[[], Any]) -> tuple[int | None, str]:
    with pytest.raises(HttpResponseError) as caught:
        await done(call())
    assert caught.value.error is not None
    return caught.value.status_code, str(caught.value.error.code)


def test_it_makes_reads_applies_and_deletes_an_evaluation(
    run: Callable[[Script], None], owner: Owner
) -> None:
    async def script(client: Any) -> None:
        job_id = f"e {id(client)}/ü"
        assert await done(client.create_evaluation(job_id, CONTRACT)) is None
        again = await refusal(lambda: client.create_evaluation(job_id, CONTRACT))
        assert again == (400, "EvaluationAlreadyExists")
        running = await done(client.get_evaluation(job_id, **TIMES))
        assert (running["id"], running["status"]) == (job_id, "Running")

        reference = {"evaluationId": job_id, "policyName": "custom"}
        early = await refusal(lambda: client.apply_from_evaluation(reference))
        assert early == (400, "InvalidRequest")

        finish(owner, job_id, a_policy_result("custom", arguments=FOUND, learned=learned(owner)))
        found = await done(client.get_evaluation(job_id, **TIMES))
        custom = found["content"]["value"][-1]
        low, high = custom["summary"]["confidenceInterval"]
        assert low <= custom["summary"]["expectedReward"] <= high
        rolling = {"interval_in_minutes": 60, "window": "Rolling"}
        hourly = await done(client.get_evaluation(job_id, **TIMES, **rolling))
        assert hourly["content"]["intervalInMinutes"] == 60

        assert await done(client.apply_from_evaluation(reference)) is None
        assert (await done(client.get_policy()))["arguments"].startswith("--cb_explore_adf")
        other = {"evaluationId": job_id, "policyName": "other"}
        missing = await refusal(lambda: client.apply_from_evaluation(other))
        assert missing == (404, "LearningSettingsNotFound")

        assert await done(client.delete_evaluation(job_id)) is None
        with pytest.raises(ResourceNotFoundError):
            await done(client.get_evaluation(job_id, **TIMES))

    run(script)


def test_it_lists_evaluations_page_by_page(
    run: Callable[[Script], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(requests, "MAX_PAGE", 2)

    async def script(client: Any) -> None:
        made = [f"p{id(client)}-{number}" for number in range(3)]
        for job_id in made:
            await done(client.create_evaluation(job_id, CONTRACT))
        found = await listed(client.list_evaluations())
        assert [each["id"] for each in found][:3] == made[::-1]
        assert len(await listed(client.list_evaluations(top=3, skip=0))) == 3
        manual = client.list_evaluations(filter_expression="metadata=evaluationType eq 'Manual'")
        assert await listed(manual) == found
        auto = client.list_evaluations(filter_expression="evaluationType eq 'Auto'")
        assert await listed(auto) == []

    run(script)


def test_it_makes_reads_lists_and_deletes_a_feature_importance(
    run: Callable[[Script], None], owner: Owner
) -> None:
    async def script(client: Any) -> None:
        job_id = f"f{id(client)}"
        assert await done(client.create_feature_importance(job_id, CONTRACT)) is None
        assert (await done(client.get_feature_importance(job_id)))["status"] == "Running"
        finish(owner, job_id, kind=Kind.FEATURES)
        found = await done(client.get_feature_importance(job_id))
        assert found["featureScores"][0]["score"] == 100.0
        assert job_id in [each["id"] for each in await listed(client.list_feature_importances())]
        assert await done(client.delete_feature_importance(job_id)) is None
        with pytest.raises(ResourceNotFoundError):
            await done(client.get_feature_importance(job_id))

    run(script)
