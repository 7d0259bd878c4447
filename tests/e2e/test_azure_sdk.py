"""Azure's newest SDK of Python, synchronous and not: every operation that it has."""

import asyncio
import gc
import io
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from inspect import isawaitable
from pathlib import Path
from typing import Any

import azure.ai.personalizer as sync
import azure.ai.personalizer.aio as aio
import pytest
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import (
    ClientAuthenticationError,
    HttpResponseError,
    ResourceNotFoundError,
)

from cli.local import loop as loops
from cli.local.loop import Loop
from tests.e2e.loops import ACTIONS, command, eventually, remember

pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

POLICY = "--cb_explore_adf --epsilon 0.2 --power_t 0 -l 0.001 --cb_type mtr -q ::"
MINUTES = 5
"""That an evaluation may take."""
RANK = {"contextFeatures": [{"visitor": "x"}], "actions": ACTIONS}

type Script = Callable[[Any, Any], Awaitable[None]]


@pytest.fixture(params=[sync, aio], ids=["sync", "aio"])
def run(request: pytest.FixtureRequest, loop: Loop) -> Iterator[Callable[[Script], None]]:
    """Runs a script with a client and an administration client of either kind."""

    async def running(script: Script) -> None:
        credential = AzureKeyCredential(loop.key)
        async with AsyncExitStack() as stack:
            clients = []
            for kind in ("PersonalizerClient", "PersonalizerAdministrationClient"):
                client = getattr(request.param, kind)(loop.url, credential)
                stack.push_async_callback(_closed, client)
                clients.append(client)
            await script(*clients)

    yield lambda script: asyncio.run(running(script))
    gc.collect()  # the SDK leaves connections open: they end with the test that made them


@pytest.fixture
def loop(local: None) -> Loop:
    return loops.new("sdk", "--model-export-seconds", "0")


async def done(call: Any) -> Any:
    """What a call comes to, whichever kind of client made it."""
    return await call if isawaitable(call) else call


async def content(body: Any) -> bytes:
    if hasattr(body, "__aiter__"):
        return b"".join([part async for part in body])
    return b"".join(body)


async def _closed(client: Any) -> None:
    await done(client.close())


async def _refusal(call: Callable[[], Any]) -> HttpResponseError:
    with pytest.raises(HttpResponseError) as caught:
        await content(await done(call()))
    return caught.value


def _code(error: HttpResponseError) -> str:
    assert error.error is not None
    return str(error.error.code)


def test_it_ranks_rewards_and_activates(run: Callable[[Script], None]) -> None:
    async def script(client: Any, _: Any) -> None:
        ranking = await done(client.rank(RANK))
        assert ranking["rewardActionId"] in "ab"
        assert await done(client.activate(ranking["eventId"])) is None
        assert await done(client.reward(ranking["eventId"], {"value": 1.0})) is None
        assert await done(client.reward("never/ranked %", {"value": 1.0})) is None

    run(script)


def test_it_reads_and_writes_the_configuration(run: Callable[[Script], None]) -> None:
    async def script(_: Any, administration: Any) -> None:
        settings = await done(administration.get_service_configuration())
        settings["explorationPercentage"] = 0.3
        changed = await done(administration.update_service_configuration(settings))
        assert changed["explorationPercentage"] == 0.3
        found = await done(administration.get_service_configuration())
        assert found == changed
        assert found["lastConfigurationEditDate"] > settings["lastConfigurationEditDate"]
        bad = settings | {"logRetentionDays": 0}
        error = await _refusal(lambda: administration.update_service_configuration(bad))
        assert (error.status_code, _code(error)) == (400, "InvalidLogRetentionDays")

    run(script)


def test_it_reads_writes_and_resets_the_policy(run: Callable[[Script], None]) -> None:
    async def script(_: Any, administration: Any) -> None:
        first = await done(administration.get_policy())
        chosen = await done(administration.update_policy({"name": "x", "arguments": POLICY}))
        assert "--cb_type mtr" in chosen["arguments"]
        assert await done(administration.get_policy()) == chosen
        assert await done(administration.reset_policy()) == first
        bad = {"name": "x", "arguments": f"{POLICY} --daemon"}
        error = await _refusal(lambda: administration.update_policy(bad))
        assert (error.status_code, _code(error)) == (400, "InvalidPolicyConfiguration")

    run(script)


def test_it_exports_imports_and_resets_the_model(run: Callable[[Script], None], loop: Loop) -> None:
    async def script(_: Any, administration: Any) -> None:
        assert await content(await done(administration.export_model())) == b""
        _learned_something(loop)
        model = await content(await done(administration.export_model()))
        signed = await content(await done(administration.export_model(signed=True)))
        assert (await done(administration.get_model_properties()))["creationTime"]
        await done(administration.reset_model())
        assert await content(await done(administration.export_model())) == b""
        await done(administration.import_model(io.BytesIO(signed)))
        assert await content(await done(administration.export_model())) == model
        error = await _refusal(lambda: administration.import_model(io.BytesIO(b"no model")))
        assert (error.status_code, _code(error)) == (400, "InvalidModelImportFormat")

    run(script)


def test_it_asks_about_logs_and_deletes_them(run: Callable[[Script], None], loop: Loop) -> None:
    async def script(_: Any, administration: Any) -> None:
        assert await done(administration.get_log_properties()) == {}
        _learned_something(loop)
        found = await done(administration.get_log_properties())
        assert found["dateRange"]["from"] <= found["dateRange"]["to"]
        await done(administration.delete_logs())
        assert await done(administration.get_log_properties()) == {}

    run(script)


def test_it_has_a_policy_evaluated_and_applies_it(
    run: Callable[[Script], None], loop: Loop, tmp_path: Path
) -> None:
    remember(loop, tmp_path, 60)
    now = datetime.now(UTC)
    times = {"start_time": now - timedelta(days=2), "end_time": now}
    contract = {
        "name": "mine",
        "startTime": times["start_time"].isoformat(),
        "endTime": now.isoformat(),
        "policies": [{"name": "custom", "arguments": POLICY}],
    }

    async def script(_: Any, administration: Any) -> None:
        assert await _listed(administration.list_evaluations()) == []
        await done(administration.create_evaluation("e", contract))
        await _status(lambda: administration.get_evaluation("e", **times), "Succeeded")
        found = await done(administration.get_evaluation("e", **times))
        by_name = {each["name"]: each for each in found["content"]["value"]}
        assert {"online", "baseline1", "baselineRand", "custom"} <= by_name.keys()
        for each in by_name.values():
            low, high = each["summary"]["confidenceInterval"]
            assert low <= each["summary"]["expectedReward"] <= high
        assert by_name["online"]["summary"]["expectedReward"] == pytest.approx(0.5)
        assert by_name["baseline1"]["summary"]["expectedReward"] > 0.9
        await done(
            administration.apply_from_evaluation({"evaluationId": "e", "policyName": "custom"})
        )
        policy = await done(administration.get_policy())
        assert "-l 0.001" in policy["arguments"]
        (listed,) = await _listed(administration.list_evaluations())
        assert (listed["id"], listed["status"]) == ("e", "Succeeded")
        await done(administration.delete_evaluation("e"))
        with pytest.raises(ResourceNotFoundError):
            await done(administration.get_evaluation("e", **times))

    run(script)
    assert command(loop, "verify") is not None


def test_it_asks_which_features_matter(
    run: Callable[[Script], None], loop: Loop, tmp_path: Path
) -> None:
    remember(loop, tmp_path, 60)
    now = datetime.now(UTC)
    contract = {
        "name": "mine",
        "startTime": (now - timedelta(days=2)).isoformat(),
        "endTime": now.isoformat(),
    }

    async def script(_: Any, administration: Any) -> None:
        await done(administration.create_feature_importance("f", contract))
        await _status(lambda: administration.get_feature_importance("f"), "Succeeded")
        scores = (await done(administration.get_feature_importance("f")))["featureScores"]
        assert all(0 <= each["score"] <= 100 for each in scores)
        assert len(await _listed(administration.list_feature_importances())) == 1
        await done(administration.delete_feature_importance("f"))
        with pytest.raises(ResourceNotFoundError):
            await done(administration.get_feature_importance("f"))

    run(script)


def test_it_hears_what_cannot_be_evaluated(run: Callable[[Script], None]) -> None:
    now = datetime.now(UTC)

    async def script(_: Any, administration: Any) -> None:
        contract = {
            "name": "mine",
            "startTime": (now - timedelta(days=2)).isoformat(),
            "endTime": now.isoformat(),
            "policies": [],
        }
        error = await _refusal(lambda: administration.create_evaluation("e", contract))
        assert (error.status_code, _code(error)) == (400, "NoLogsExistInDateRange")
        absent: list[Callable[[], Any]] = [
            lambda: administration.get_evaluation("e", start_time=now, end_time=now),
            lambda: administration.delete_evaluation("e"),
            lambda: administration.get_feature_importance("f"),
            lambda: administration.delete_feature_importance("f"),
            lambda: administration.apply_from_evaluation({"evaluationId": "e", "policyName": "p"}),
        ]
        for call in absent:
            with pytest.raises(ResourceNotFoundError):
                await done(call())

    run(script)


def test_it_hears_that_a_loop_is_not_multi_slot(run: Callable[[Script], None]) -> None:
    async def script(client: Any, _: Any) -> None:
        calls: list[Callable[[], Any]] = [
            lambda: client.rank_multi_slot({"actions": [], "slots": []}),
            lambda: client.reward_multi_slot("e", {"reward": []}),
            lambda: client.activate_multi_slot("e"),
        ]
        for call in calls:
            error = await _refusal(call)
            assert (error.status_code, _code(error)) == (400, "InvalidMultiSlotApiAccess")

    run(script)


@pytest.mark.parametrize("kind", ["PersonalizerClient", "PersonalizerAdministrationClient"])
def test_it_hears_that_a_key_is_wrong(loop: Loop, kind: str) -> None:
    make = getattr(sync, kind)
    with (
        make(loop.url, AzureKeyCredential("wrong")) as client,
        pytest.raises(ClientAuthenticationError),
    ):
        client.rank(RANK) if kind == "PersonalizerClient" else client.get_policy()


async def _listed(pages: Any) -> list[Any]:
    return [item async for item in pages] if hasattr(pages, "__aiter__") else [*pages]


async def _status(look: Callable[[], Any], wanted: str) -> None:
    """Wait until a job has this status."""
    for _ in range(MINUTES * 60):
        found = (await done(look()))["status"]
        if found == wanted:
            return
        assert found in ("NotSubmitted", "Running"), found
        await asyncio.sleep(1)
    raise AssertionError(f"not {wanted} after {MINUTES} minutes")


def _learned_something(loop: Loop) -> None:
    decision = loop.client.rank([{"visitor": "x"}], ACTIONS)
    loop.client.reward(decision.event_id, 1.0)
    eventually(60, lambda: loop.client.rank([{"visitor": "x"}], ACTIONS).generation)
