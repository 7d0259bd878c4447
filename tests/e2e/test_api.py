"""The API as strangers meet it: keys, paths, errors, and Azure's own SDK."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from azure.cognitiveservices.personalizer import PersonalizerClient
from azure.cognitiveservices.personalizer.models import (
    ErrorResponseException,
    RankableAction,
    RankRequest,
)
from msrest.authentication import CognitiveServicesCredentials

from tests.e2e.conftest import Service

README = Path(__file__).parents[2] / "README.md"
RANK = {"actions": [{"id": "a", "features": [{"x": 1}]}]}


@pytest.fixture(scope="module")
def http(service: Service) -> Iterator[httpx.Client]:
    headers = {"Ocp-Apim-Subscription-Key": service.key}
    with httpx.Client(base_url=service.url, headers=headers, timeout=30, trust_env=False) as client:
        yield client


@pytest.fixture(scope="module")
def sdk(service: Service) -> Iterator[Any]:
    """It carries no types."""
    make: Any = PersonalizerClient
    with make(service.url, CognitiveServicesCredentials(service.key)) as client:
        yield client


@pytest.mark.parametrize("key", [None, "", "wrong"])
def test_a_missing_or_wrong_key_is_401(http: httpx.Client, key: str | None) -> None:
    headers = {} if key is None else {"Ocp-Apim-Subscription-Key": key}
    answer = httpx.post(
        f"{http.base_url}personalizer/v1.0/rank", json=RANK, headers=headers, trust_env=False
    )
    assert answer.status_code == 401
    assert answer.json()["error"]["message"].startswith("Access denied due to invalid")


@pytest.mark.parametrize("version", ["v1.0", "v1.1-preview.1", "v1.1-preview.3"])
def test_every_version_label_ranks(http: httpx.Client, version: str) -> None:
    assert http.post(f"/personalizer/{version}/rank", json=RANK).status_code == 201


def test_doubled_slashes_are_one(http: httpx.Client) -> None:
    answer = http.post(f"{http.base_url}/personalizer/v1.0/rank", json=RANK)
    assert answer.status_code == 201


def test_status_answers_an_object_without_an_error(http: httpx.Client) -> None:
    answer = http.get("/personalizer/v1.0/status")
    assert answer.status_code == 200
    assert "error" not in answer.json()


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_an_unknown_path_is_404_in_the_envelope(http: httpx.Client, method: str) -> None:
    answer = http.request(method, "/personalizer/v1.0/nothing/here")
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "ResourceNotFound"


def test_a_bad_request_is_400_in_the_envelope(http: httpx.Client) -> None:
    answer = http.post("/personalizer/v1.0/rank", json={"actions": []})
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "InvalidRankRequest"


def test_a_preflight_needs_no_key(http: httpx.Client) -> None:
    answer = httpx.options(f"{http.base_url}personalizer/v1.0/rank", trust_env=False)
    assert answer.status_code == 200
    assert "ocp-apim-subscription-key" in answer.headers["access-control-allow-headers"].lower()


def test_azures_sdk_ranks_rewards_and_activates(sdk: Any) -> None:
    actions = [RankableAction(id=name, features=[{"name": name}]) for name in "abc"]
    request = RankRequest(actions=actions, context_features=[{"x": 1}], excluded_actions=["b"])
    response = sdk.rank(rank_request=request)
    assert response.reward_action_id in ("a", "c")
    assert [ranked.id for ranked in response.ranking][1] == "b"
    sdk.events.activate(event_id=response.event_id)
    sdk.events.reward(event_id=response.event_id, value=1.0)
    sdk.events.reward(event_id="never/ranked", value=1.0)


def test_azures_sdk_understands_our_errors(sdk: Any) -> None:
    with pytest.raises(ErrorResponseException) as refused:
        sdk.rank(rank_request=RankRequest(actions=[]))
    answer: Any = refused.value.error
    assert answer.error.code == "InvalidRankRequest"


def test_the_readmes_script_runs_with_another_endpoint_and_key(service: Service) -> None:
    script = README.read_text().split("```python\n")[1].split("```")[0]
    script = script.replace("https://YOUR-ENDPOINT", service.url).replace("YOUR-KEY", service.key)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Show ")
