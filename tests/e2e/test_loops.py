"""Loops and keys over HTTP, on the local stack: an administrator makes a loop, others use it."""

import sys
from uuid import uuid4

import httpx
import pytest

from cli.local import emulator, environment, places, stack
from cli.steps import run
from tests.e2e.conftest import Service

RANK = {"actions": [{"id": "a", "features": [{"x": 1}]}]}

pytestmark = pytest.mark.usefixtures("local")


class Http:
    def __init__(self, url: str, key: str):
        headers = {"Ocp-Apim-Subscription-Key": key}
        self._url, self._headers = url, headers

    def __call__(self, method: str, path: str, body: object = None) -> httpx.Response:
        return httpx.request(
            method,
            f"{self._url}{path}",
            json=body,
            headers=self._headers,
            timeout=30,
            trust_env=False,
        )


@pytest.fixture(scope="module")
def administrator(service: Service) -> Http:
    port = emulator.found().port
    variables = environment.of_the_tools(port) | stack.settings(stack.outputs(port))
    rotate = ["-m", "cli", "keys", "rotate", "--admin", "--slot", "1"]
    key = run([sys.executable, *rotate], env=variables, cwd=places.ROOT).strip()
    return Http(service.url, key)


def test_the_stack_made_its_first_loop(administrator: Http) -> None:
    assert {"name": "default"} in administrator("GET", "/loops").json()["value"]


def test_a_loop_is_made_used_and_deleted(service: Service, administrator: Http) -> None:
    loop = f"/loops/made-{uuid4().hex[:8]}"
    made = administrator("PUT", loop, {"rewardWaitTime": "PT5M"})
    assert (made.status_code, made.json()["settings"]["rewardWaitTime"]) == (201, "PT5M")
    keys = {
        slot: administrator("POST", f"{loop}/keys/{slot}").json()["key"] for slot in ("1", "rank-1")
    }
    owner, ranker = (Http(service.url, key) for key in keys.values())
    configuration = "/personalizer/v1.1-preview.3/configurations/service"
    for caller in (owner, ranker):
        assert caller("POST", "/personalizer/v1.0/rank", RANK).status_code == 201
    assert owner("GET", configuration).json()["rewardWaitTime"] == "PT5M"
    refused = ranker("GET", configuration)
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "InvalidApiAccess")
    assert administrator("DELETE", loop).status_code == 204
    assert administrator("PUT", loop).status_code == 409
    names = administrator("GET", "/loops").json()["value"]
    assert {"name": loop.removeprefix("/loops/")} not in names


@pytest.mark.parametrize("path", ["/loops", "/loops/default"])
def test_a_loops_key_is_no_administrators(service: Service, path: str) -> None:
    assert Http(service.url, service.key)("GET", path).status_code == 403


def test_an_administrators_key_is_no_loops(administrator: Http) -> None:
    assert administrator("POST", "/personalizer/v1.0/rank", RANK).status_code == 403
