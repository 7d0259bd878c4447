"""A loop's learning policy, through the API."""

import json
from typing import Any

import pytest

from tests.functions.conftest import Service, call

AZURES = " --cb_explore_adf --epsilon 0.2 --power_t 0 -l 0.001 --cb_type mtr -q ::"
PATH = "/configurations/policy"


def send(
    service: Service, loop: str, method: str, path: str = PATH, body: object = None
) -> tuple[int, Any, dict[str, str]]:
    event = call("management", loop, body, httpMethod=method, path=f"/personalizer{path}")
    answer = service("management", event)
    return answer["statusCode"], json.loads(answer["body"] or "null"), answer["headers"]


def put(service: Service, loop: str, arguments: str) -> tuple[int, Any, dict[str, str]]:
    return send(service, loop, "PUT", body={"name": "mine", "arguments": arguments})


def test_a_new_loop_has_the_default_policy(service: Service, loop: str) -> None:
    status, policy, _ = send(service, loop, "GET")
    assert status == 200
    assert policy["arguments"].startswith("--cb_explore_adf --epsilon 0.05")


def test_azures_own_policy_is_taken_and_shown_with_the_loops_exploration(
    service: Service, loop: str
) -> None:
    status, policy, headers = put(service, loop, AZURES)
    assert (status, headers["X-Personalizer-Model"]) == (200, "starts anew")
    shown = "--cb_explore_adf --epsilon 0.05 --cb_type mtr -l 0.001 --power_t 0 -q ::"
    assert policy["arguments"] == shown
    assert send(service, loop, "GET")[1] == policy


def test_the_name_of_a_policy_is_the_applications_as_at_azure(service: Service, loop: str) -> None:
    _, policy, _ = put(service, loop, AZURES)
    assert len(policy["name"]) == 32
    assert int(policy["name"], 16)


def test_a_deleted_policy_is_the_first_again(service: Service, loop: str) -> None:
    _, first, _ = send(service, loop, "GET")
    put(service, loop, AZURES)
    assert send(service, loop, "DELETE")[:2] == (200, first)


def test_an_earlier_policy_can_be_put_back(service: Service, loop: str) -> None:
    _, wanted, _ = put(service, loop, AZURES)
    put(service, loop, "--cb_explore_adf --cb_type dr")
    _, history, _ = send(service, loop, "GET", f"{PATH}/history")
    assert [kept["name"] for kept in history] == ["mine", "mine", "default"]
    earlier = history[1]["id"]
    status, policy, _ = send(service, loop, "POST", f"{PATH}/history/{earlier}/restore")
    assert (status, policy) == (200, wanted)


def test_a_policy_that_the_loop_never_had_cannot_be_put_back(service: Service, loop: str) -> None:
    other = service.new_loop()
    _, history, _ = send(service, other, "GET", f"{PATH}/history")
    status, error, _ = send(service, loop, "POST", f"{PATH}/history/nothing/restore")
    assert (status, error["error"]["code"]) == (404, "ResourceNotFound")
    assert history


@pytest.mark.parametrize(
    ("arguments", "option"),
    [
        (f"{AZURES} --final_regressor /tmp/x", "--final_regressor"),
        (f"{AZURES} -f /tmp/x", "-f"),
        (f"{AZURES} --daemon --port 80", "--daemon"),
        (f"{AZURES} --epsilon 2", "--epsilon"),
        ("--cb_adf", "--cb_adf"),
    ],
)
def test_a_policy_that_may_not_be_is_refused_by_the_option_and_changes_nothing(
    service: Service, loop: str, arguments: str, option: str
) -> None:
    before = service.head(loop)
    status, error, _ = put(service, loop, arguments)
    assert (status, error["error"]["code"]) == (400, "InvalidPolicyConfiguration")
    assert option in error["error"]["details"][0]["message"]
    assert service.head(loop) == before


@pytest.mark.parametrize("arguments", ["", "-q ::"])
def test_a_policy_must_be_one_of_contextual_bandits(
    service: Service, loop: str, arguments: str
) -> None:
    _, error, _ = put(service, loop, arguments)
    assert error["error"]["innerError"]["code"] == "MissingLearningPolicyAlgorithm"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": "x"},
        {"arguments": AZURES},
        {"name": 1, "arguments": AZURES},
        {"name": "x" * 257, "arguments": AZURES},
        {"name": None, "arguments": None},
    ],
)
def test_what_is_not_a_policy_contract_is_refused(
    service: Service, loop: str, body: object
) -> None:
    status, error, _ = send(service, loop, "PUT", body=body)
    assert (status, error["error"]["code"]) == (400, "InvalidPolicyContract")
