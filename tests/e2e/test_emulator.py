"""What our launcher adds to the emulator, and what the local stack promises about it. If one of
these fails after an upgrade of ministack, look into `cli/emulator`."""

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.serialization import load_der_public_key

from cli.local import emulator, environment
from cli.steps import Problem
from personalizer.adapters.kms import KmsSigner
from tests.e2e.lab import Lab, eventually


def test_an_expired_item_leaves_a_record_that_the_service_signed(lab: Lab) -> None:
    lab.put_item("short-lived", ttl=time.time() + 1)

    [record] = eventually(lambda: lab.seen_of_item("short-lived", kind="REMOVE"))

    service = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
    assert record["userIdentity"] == service
    assert record["dynamodb"]["OldImage"]["pk"] == {"S": "short-lived"}


def test_a_deletion_by_anybody_else_is_not_signed(lab: Lab) -> None:
    lab.put_item("deleted")
    lab.client("dynamodb").delete_item(TableName=lab.outputs["Table"], Key={"pk": {"S": "deleted"}})

    [record] = eventually(lambda: lab.seen_of_item("deleted", kind="REMOVE"))

    assert "userIdentity" not in record


def test_an_item_that_has_not_expired_stays(lab: Lab) -> None:
    lab.put_item("long-lived", ttl=time.time() + 1000)
    lab.put_item("short-lived too", ttl=time.time() + 1)

    eventually(lambda: lab.seen_of_item("short-lived too", kind="REMOVE"))

    assert not lab.seen_of_item("long-lived", kind="REMOVE")


def test_an_update_of_the_stack_changes_the_ttl(lab: Lab) -> None:
    def attribute() -> str:
        table = lab.client("dynamodb").describe_time_to_live(TableName=lab.outputs["Table"])
        name: str = table["TimeToLiveDescription"]["AttributeName"]
        return name

    lab.deploy(TtlAttribute="expires")
    changed = attribute()
    lab.deploy(TtlAttribute="ttl")

    assert (changed, attribute()) == ("expires", "ttl")


def test_a_model_that_is_signed_here_is_known_anywhere_even_after_a_restart(lab: Lab) -> None:
    signer = KmsSigner(lab.client("kms"), lab.outputs["SigningKey"])
    signature = signer.sign(b"a model" * 1000)
    key = load_der_public_key(signer.public_key())
    assert isinstance(key, RSAPublicKey)
    key.verify(signature, b"a model" * 1000, PKCS1v15(), SHA512())

    lab.restart()

    assert signer.signed(b"a model" * 1000, signature, signer.public_key())
    assert not signer.signed(b"another", signature, signer.public_key())


def test_gateway_responses_are_shaped(lab: Lab) -> None:
    answer = httpx.put(f"{lab.url}/nowhere")

    assert answer.status_code == httpx.codes.NOT_FOUND
    assert answer.json() == {"error": {"code": "ResourceNotFound"}}
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_preflight_answers_carry_their_headers(lab: Lab) -> None:
    answer = httpx.options(f"{lab.url}/events/e/reward")

    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Access-Control-Allow-Headers"] == "Ocp-Apim-Subscription-Key"


@pytest.mark.parametrize("event_id", ["a%2Fb", "a%252Fb", "a%20b", "%C3%A9", "a+b"])
def test_a_path_stays_encoded(lab: Lab, event_id: str) -> None:
    event = lab.post(f"/events/{event_id}/reward")["event"]

    assert event["resource"] == "/events/{eventId}/reward"
    assert event["pathParameters"] == {"eventId": event_id}


def test_doubled_slashes_match_like_single_ones(lab: Lab) -> None:
    assert lab.post("//events//e/reward")["event"]["pathParameters"] == {"eventId": "e"}


def test_calls_wait_for_a_free_worker(lab: Lab) -> None:
    more_than_the_limit = 2 * int(
        environment.of_the_emulator(lab.state, 0)["LAMBDA_ACCOUNT_CONCURRENCY"]
    )

    with ThreadPoolExecutor(more_than_the_limit) as pool:
        calls = [pool.submit(lab.post, "/slow", sleep="0.2") for _ in range(more_than_the_limit)]

    assert all(call.result() for call in calls)


def test_functions_see_nothing_of_the_developer(lab: Lab) -> None:
    seen = lab.post("/environment")["environment"]

    assert "SECRET_OF_THE_DEVELOPER" not in seen
    assert seen["AWS_ENDPOINT_URL"] == f"http://127.0.0.1:{lab.port}"
    assert seen["AWS_SHARED_CREDENTIALS_FILE"] == "/dev/null"


def test_other_machines_cannot_connect(lab: Lab) -> None:
    with socket.socket() as probe:
        probe.settimeout(2)
        assert probe.connect_ex(("127.0.0.2", lab.port)) != 0


def test_a_second_start_finds_the_first(lab: Lab) -> None:
    assert emulator.start(lab.state) == emulator.found(lab.state)


def test_a_second_start_on_another_port_is_refused(lab: Lab) -> None:
    with pytest.raises(Problem, match=f"runs on port {lab.port} already"):
        emulator.start(lab.state, lab.port + 1)


def test_none_is_found_where_none_runs(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="not running"):
        emulator.found(tmp_path)


def test_a_taken_port_is_named(lab: Lab, tmp_path: Path) -> None:
    with pytest.raises(Problem, match=f"Port {lab.port} is taken"):
        emulator.start(tmp_path, lab.port)


def test_what_functions_unpacked_is_gone_once_it_stops(lab: Lab) -> None:
    lab.post("/anything")
    unpacked = lab.state / "tmp"
    assert any(unpacked.glob("ministack-lambda-*"))

    emulator.stop(lab.state)

    assert not unpacked.exists()
    emulator.start(lab.state, lab.port)


def test_a_restart_forgets_nothing(lab: Lab) -> None:
    lab.put_item("kept")
    eventually(lambda: lab.seen_of_item("kept"))

    lab.restart()
    lab.put_item("kept too")
    eventually(lambda: lab.seen_of_item("kept too"))

    assert len(lab.seen_of_item("kept")) == 1
    assert lab.post("/afterwards")
