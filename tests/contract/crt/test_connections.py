"""Connections over awscrt: kept, shared, lost, slow, encrypted."""

import os
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from http.client import HTTPConnection
from ipaddress import ip_address
from pathlib import Path
from threading import Barrier
from typing import Any
from urllib.parse import urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from personalizer.adapters.aws import QUICK, Patience, Unanswered
from personalizer.adapters.crt import S3, DynamoDB
from personalizer.adapters.dynamodb import DynamoEvents, items
from tests import wire as wires
from tests.contract.conftest import SHARDS
from tests.contract.crt.conftest import SHORT, STEADY
from tests.factories import KEY, a_patient_event, a_reward, an_event
from tests.wire import LOOPBACK, Farewell, Request, Reset, Silence, Slowly, Wire, answer

LARGE = b"x" * 400_000


# ------------------------------------------------------------------ kept, lost


def test_a_connection_is_used_again(wire: Wire, put: Callable[[], object]) -> None:
    for _ in range(5):
        put()
    assert wire.connections == 1


def test_a_connection_that_the_server_ends_is_not_used_again(
    wire: Wire, put: Callable[[], object], pauses: list[float]
) -> None:
    wire.says(answer(200, b"{}", Connection="close"))
    put()
    put()
    assert (wire.connections, pauses) == (2, [])


def test_a_connection_that_ended_between_two_requests_is_replaced(
    wire: Wire, put: Callable[[], object]
) -> None:
    wire.says(Farewell(answer()), answer())
    put()
    put()
    assert wire.connections == 2


@pytest.mark.parametrize("patience", [QUICK])
def test_after_a_long_sleep_all_connections_are_replaced_at_once(
    wire: Wire, dynamodb: DynamoDB, pauses: list[float]
) -> None:
    """A frozen Lambda wakes up to connections on which nobody answers any more."""
    together = Barrier(3)

    def at_once(_: Request) -> bytes:
        together.wait()
        return answer()

    wire.says(at_once)
    with ThreadPoolExecutor(3) as threads:
        [*threads.map(lambda _: dynamodb.get_item(TableName="t", Key={}), range(3))]
    assert wire.connections == 3

    def only_the_new_are_answered(request: Request) -> bytes:
        if request.connection <= 3:
            raise Silence
        return answer(200, b'{"Item":{}}')

    wire.says(only_the_new_are_answered)
    assert dynamodb.get_item(TableName="t", Key={}) == {"Item": {}}
    assert len(pauses) == 1


def test_each_of_many_threads_gets_its_own_answer(wire: Wire, dynamodb: DynamoDB) -> None:
    wire.says(lambda request: answer(200, request.body))

    def echo(number: int) -> bool:
        request = {"TableName": "t", "Key": {"pk": {"S": str(number)}}}
        return dynamodb.get_item(**request) == request

    with ThreadPoolExecutor(16) as threads:
        assert all(threads.map(echo, range(200)))
    assert wire.connections <= 16


def test_nobody_there_is_no_answer(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(socket.create_server((LOOPBACK, 0))) as gone:
        port = gone.getsockname()[1]
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", f"http://{LOOPBACK}:{port}")
    with pytest.raises(Unanswered):
        DynamoDB(SHORT, sleep=lambda _: None).get_item(TableName="t", Key={})


def test_a_name_that_nobody_has_is_no_answer(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://nobody.invalid:1")
    with pytest.raises(Unanswered):
        DynamoDB(SHORT, sleep=lambda _: None).get_item(TableName="t", Key={})


def test_a_connection_that_is_never_accepted_is_given_up(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(socket.create_server((LOOPBACK, 0), backlog=0)) as full, filled(full):
        monkeypatch.setenv(
            "AWS_ENDPOINT_URL_DYNAMODB", f"http://{LOOPBACK}:{full.getsockname()[1]}"
        )
        started = time.monotonic()
        with pytest.raises(Unanswered):
            DynamoDB(SHORT, sleep=lambda _: None).get_item(TableName="t", Key={})
        assert time.monotonic() - started < STEADY.connect_s


class filled:  # noqa: N801 - reads as a verb
    """Nobody accepts, and so no more connections fit in."""

    def __init__(self, server: socket.socket):
        self._server = server

    def __enter__(self) -> None:
        self._waiting = [socket.socket() for _ in range(4)]
        for each in self._waiting:
            each.setblocking(False)
            each.connect_ex(self._server.getsockname())
        time.sleep(0.05)

    def __exit__(self, *_: object) -> None:
        for each in self._waiting:
            each.close()


# ------------------------------------------------------------------------ slow


def test_a_large_object_may_take_longer_than_its_first_word(wire: Wire) -> None:
    wire.says(Slowly(answer(200, LARGE), parts=8, pause_s=SHORT.read_s / 4))
    assert S3(SHORT).get_object(Bucket="b", Key="k")["Body"].read() == LARGE
    assert len(wire.requests) == 1


def test_an_object_that_stops_in_the_middle_is_asked_for_again(wire: Wire) -> None:
    wire.says(Farewell(answer(200, LARGE)[:-1]), answer(200, LARGE))
    assert S3(SHORT).get_object(Bucket="b", Key="k")["Body"].read() == LARGE


def test_an_object_that_stalls_is_given_up(wire: Wire) -> None:
    wire.says(Slowly(answer(200, LARGE), parts=2, pause_s=4 * SHORT.read_s))
    with pytest.raises(Unanswered, match="Timeout"):
        S3(SHORT, sleep=lambda _: None).get_object(Bucket="b", Key="k")


# ------------------------------------------------------------------- encrypted


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of this machine, vouched for by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, LOOPBACK)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(LOOPBACK))]), False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(secret + made.public_bytes(pem))
    (path.parent / "trusted.pem").write_bytes(made.public_bytes(pem))
    return path


@pytest.fixture
def encrypted(wire: Wire, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Wire]:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    with wires.opened(tls) as wire:
        monkeypatch.setenv("AWS_ENDPOINT_URL", wire.url)
        yield wire


def test_a_connection_is_encrypted_for_whom_one_trusts(
    encrypted: Wire, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", str(certificate.parent / "trusted.pem"))
    patient = Patience(connect_s=2, read_s=2, attempts=1)
    client = DynamoDB(patient)
    assert [client.get_item(TableName="t", Key={}) for _ in range(2)] == [{}, {}]
    assert encrypted.connections == 1


def test_a_certificate_that_nobody_vouches_for_is_refused(encrypted: Wire) -> None:
    once = Patience(connect_s=0.5, read_s=2, attempts=1)
    with pytest.raises(Unanswered):
        DynamoDB(once).get_item(TableName="t", Key={})
    assert encrypted.requests == []


# ------------------------------------------------------------- a lost answer


def forwarded(url: str, request: Request) -> bytes:
    """What AWS says to it."""
    with closing(HTTPConnection(urlsplit(url).netloc)) as aws:
        headers = request.headers | {"host": urlsplit(url).netloc}
        aws.request(request.method, request.path, request.body, headers)
        said = aws.getresponse()
        return answer(said.status, said.read())


def lost(url: str, request: Request) -> bytes:
    """AWS does what it is asked, and nobody hears of it."""
    forwarded(url, request)
    raise Reset


def test_a_rank_whose_answer_was_lost_meets_itself_and_is_stored_once(
    events_table: str, aws_url: str, wire: Wire
) -> None:
    dynamodb: Any = DynamoDB(QUICK)
    wire.says(partial(lost, aws_url), partial(forwarded, aws_url))
    events = DynamoEvents(dynamodb, events_table, SHARDS)
    assert events.rank(an_event()) == an_event()
    found = dynamodb.get_item(TableName=events_table, Key=items.key(KEY))["Item"]
    assert found == items.dump(an_event(), 1, SHARDS)
    puts = [each.headers["x-amz-target"].rpartition(".")[2] for each in wire.requests]
    assert puts == ["PutItem", "PutItem", "GetItem"]


def test_a_reward_whose_answer_was_lost_counts_once(
    events_table: str, aws_url: str, wire: Wire
) -> None:
    dynamodb: Any = DynamoDB(QUICK)
    wire.says(partial(forwarded, aws_url), partial(lost, aws_url), partial(forwarded, aws_url))
    events = DynamoEvents(dynamodb, events_table, SHARDS)
    events.rank(a_patient_event())
    assert events.reward(KEY, a_reward("0.5"))
    assert events.get(KEY) == a_patient_event(reward=Decimal("0.5"), reward_keys=frozenset({"k-1"}))


# ------------------------------------------------------------------- a process


def test_a_client_that_was_not_used_has_no_thread() -> None:
    """Else it would not outlive a fork, or a snapshot."""
    assert _alone("DynamoDB(QUICK); S3(QUICK); print(len(os.listdir('/proc/self/task')))") == "1"


def test_a_client_works_in_a_fork_of_the_process_that_made_it(wire: Wire) -> None:
    """As the sandboxes of the kill matrix are made."""
    program = """
client = DynamoDB(QUICK)
if child := os.fork():
    print(os.waitpid(child, 0)[1])
else:
    os._exit(client.get_item(TableName="t", Key={}) != {})
"""
    assert _alone(program) == "0"
    assert len(wire.requests) == 1


def test_a_process_ends_although_its_connections_do_not(wire: Wire) -> None:
    assert _alone("print(DynamoDB(QUICK).get_item(TableName='t', Key={}))") == "{}"


def _alone(program: str) -> str:
    imports = (
        "import os; from personalizer.adapters.crt import *;"
        "from personalizer.adapters.aws import QUICK\n"
    )
    environment = os.environ | {"AWS_DEFAULT_REGION": "eu-west-1"}
    done = subprocess.run(
        [sys.executable, "-c", imports + program],
        env=environment, check=True, capture_output=True, text=True, timeout=20,
    )  # fmt: skip
    return done.stdout.strip()
