"""What administrators do with loops and keys, as API Gateway calls it."""

import json
from typing import Any

import pytest

from personalizer.domain.access import Slot
from personalizer.domain.loop import Configuration
from tests.factories import is_error_model
from tests.functions.conftest import Service, call, example

OTHER_PATHS = ["/loops/a/keys", "/loops/a/keys/3", "/loops/a/keys/1/2", "/loops/"]


def ask(
    service: Service, method: str, path: str, body: object = None
) -> tuple[int, Any, dict[str, str]]:
    """Status, body and headers of the answer to an administrator."""
    changes = {"httpMethod": method, "path": path, "body": json.dumps(body) if body else None}
    answer = service("loops", example("loops") | changes)
    return answer["statusCode"], json.loads(answer["body"] or "null"), answer["headers"]


@pytest.fixture
def name(service: Service) -> str:
    """Of no loop, yet."""
    return service.new_name()


def test_a_loop_is_made_with_the_default_settings(service: Service, name: str) -> None:
    status, body, _ = ask(service, "PUT", f"/loops/{name}")
    assert (status, body["name"], body["settings"]["rewardWaitTime"]) == (201, name, "PT10M")
    assert service.loops.state(name).configuration == Configuration()


def test_a_loop_is_made_with_the_settings_it_is_given(service: Service, name: str) -> None:
    settings = {"rewardWaitTime": "PT1H", "learningMode": "Apprentice"}
    assert ask(service, "PUT", f"/loops/{name}", settings)[0] == 201
    configuration = service.loops.state(name).configuration
    assert (configuration.reward_wait_ms, configuration.learning_mode) == (3_600_000, "Apprentice")


def test_making_a_loop_again_changes_what_is_mentioned_alone(service: Service, name: str) -> None:
    ask(service, "PUT", f"/loops/{name}", {"rewardWaitTime": "PT1H", "explorationPercentage": 0.5})
    status, body, _ = ask(service, "PUT", f"/loops/{name}", {"rewardWaitTime": "PT2H"})
    assert (status, body["settings"]["rewardWaitTime"]) == (200, "PT2H")
    assert body["settings"]["explorationPercentage"] == 0.5


def test_an_impossible_setting_makes_no_loop(service: Service, name: str) -> None:
    status, body, _ = ask(service, "PUT", f"/loops/{name}", {"rewardWaitTime": "soon"})
    assert (status, body["error"]["code"]) == (400, "InvalidServiceConfiguration")
    assert name not in service.loops.all()


@pytest.mark.parametrize("bad", ["The-News", "a" * 41, "a%2Fb", "a%23b", "..", "unreadable", "é"])
def test_a_name_that_no_loop_can_have_is_refused(service: Service, bad: str) -> None:
    for method in ("PUT", "GET", "DELETE"):
        status, body, _ = ask(service, method, f"/loops/{bad}")
        assert (status, body["error"]["innerError"]["code"]) == (400, "InvalidLoopName")


def test_loops_are_listed(service: Service, loop: str) -> None:
    status, body, _ = ask(service, "GET", "/loops")
    assert status == 200
    assert {"name": loop} in body["value"]


def test_a_loop_is_shown_with_its_slots_and_without_its_keys(service: Service, loop: str) -> None:
    key = service.new_key(loop)
    status, body, _ = ask(service, "GET", f"/loops/{loop}")
    assert (status, [*body["keys"]], body["generation"]) == (200, ["1"], 0)
    assert key not in json.dumps(body)


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_a_loop_that_there_is_not_is_not_found(service: Service, name: str, method: str) -> None:
    status, body, _ = ask(service, method, f"/loops/{name}")
    assert (status, body["error"]["code"]) == (404, "ResourceNotFound")


@pytest.mark.parametrize("path", OTHER_PATHS)
def test_other_paths_are_not_found(service: Service, path: str) -> None:
    status, body, _ = ask(service, "POST", path)
    assert (status, body["error"]["code"]) == (404, "ResourceNotFound")


def test_a_deleted_loop_is_gone_with_its_keys(service: Service, loop: str) -> None:
    keys = [service.keyring.create(loop, slot) for slot in Slot]
    assert ask(service, "DELETE", f"/loops/{loop}")[0] == 204
    assert ask(service, "GET", f"/loops/{loop}")[0] == 404
    assert [service.opened(key) for key in keys] == [None] * len(keys)
    assert loop not in service.loops.all()


def test_the_name_of_a_deleted_loop_is_reserved(service: Service, loop: str) -> None:
    ask(service, "DELETE", f"/loops/{loop}")
    status, body, _ = ask(service, "PUT", f"/loops/{loop}")
    assert (status, body["error"]["code"]) == (409, "NameReserved")
    assert is_error_model(body)


@pytest.mark.parametrize(
    ("slot", "role"), [("1", "manage"), ("2", "manage"), ("rank-1", "rank"), ("rank-2", "rank")]
)
def test_a_key_is_told_once_and_opens_what_its_slot_says(
    service: Service, loop: str, slot: str, role: str
) -> None:
    status, body, headers = ask(service, "POST", f"/loops/{loop}/keys/{slot}")
    assert (status, body["slot"], headers["Cache-Control"]) == (201, slot, "no-store")
    assert service.opened(body["key"]) == {"loop": loop, "role": role}


def test_a_renewed_key_replaces_the_old_one(service: Service, loop: str) -> None:
    keys = [ask(service, "POST", f"/loops/{loop}/keys/1")[1]["key"] for _ in range(3)]
    assert [service.opened(key) is not None for key in keys] == [False, False, True]


def test_a_key_can_be_taken_back_again_and_again(service: Service, loop: str) -> None:
    key = ask(service, "POST", f"/loops/{loop}/keys/2")[1]["key"]
    assert [ask(service, "DELETE", f"/loops/{loop}/keys/2")[0] for _ in range(2)] == [204, 204]
    assert service.opened(key) is None


def test_there_are_no_keys_of_a_loop_that_there_is_not(service: Service, name: str) -> None:
    assert ask(service, "POST", f"/loops/{name}/keys/1")[0] == 404


@pytest.mark.parametrize("role", ["manage", "rank"])
def test_only_administrators_are_answered(service: Service, loop: str, role: str) -> None:
    for method, path in (("GET", "/loops"), ("DELETE", f"/loops/{loop}")):
        event = call("loops", loop, httpMethod=method, path=path)
        event["requestContext"]["authorizer"]["role"] = role
        answer = service("loops", event)
        code = json.loads(answer["body"])["error"]["code"]
        assert (answer["statusCode"], code) == (403, "InvalidApiAccess")
    assert loop in service.loops.all()
