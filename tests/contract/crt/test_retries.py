"""What is asked again over awscrt, how often, and what is said when it does not help."""

import json
import time
import zlib
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from botocore.retries.standard import ThrottledRetryableChecker, TransientRetryableChecker

from personalizer.adapters import crt, sdk
from personalizer.adapters.aws import Refused, Unanswered
from personalizer.adapters.crt import DynamoDB, retries
from personalizer.adapters.dynamodb import DynamoEvents
from personalizer.errors import ServiceUnavailable
from tests.contract.crt.conftest import SHORT, STEADY
from tests.factories import an_event
from tests.wire import Farewell, Reply, Reset, Silence, Wire, answer

TYPE = "com.amazonaws.dynamodb.v20120810#"


def refusal(code: str, status: int = 400, **more: Any) -> bytes:
    return answer(status, json.dumps({"__type": TYPE + code, "message": "no", **more}).encode())


PASSING: dict[str, Reply] = {
    "an internal error": refusal("InternalServerError", 500),
    "an error without a word": answer(500, b""),
    "a gateway's error": answer(502, b"<html>"),
    "no service": answer(503, b""),
    "a gateway's patience": answer(504, b""),
    "too many requests": answer(429, b""),
    "throttling": refusal("ThrottlingException"),
    "no more throughput": refusal("ProvisionedThroughputExceededException"),
    "a limit of requests": refusal("RequestLimitExceeded"),
    "a timeout of theirs": refusal("RequestTimeout", 408),
    "expired credentials": refusal("ExpiredTokenException"),
    "a reset": Reset(),
    "silence": Silence(),
    "an end in the middle": Farewell(answer(200, b'{"Item":{}}')[:-4]),
    "an end before the end of the head": Farewell(b"HTTP/1.1 200 O"),
    "garbage": Farewell(b"\x00\xff garbage \r\n\r\n"),
    "what is not JSON": answer(200, b"<html>"),
    "half of the JSON": answer(200, b'{"Item":'),
    "a list": answer(200, b"[]"),
    "a wrong checksum": answer(200, b"{}", x_amz_crc32="1"),
}
WAITED_FOR = [
    (fault, SHORT if isinstance(reply, Silence) else STEADY) for fault, reply in PASSING.items()
]
FINAL = {
    "ValidationException": 400,
    "ConditionalCheckFailedException": 400,
    "AccessDeniedException": 400,
    "ResourceNotFoundException": 400,
    "ItemCollectionSizeLimitExceededException": 400,
    "SerializationException": 400,
}


@pytest.mark.parametrize(("fault", "patience"), WAITED_FOR)
def test_what_passes_is_asked_again(wire: Wire, put: Callable[[], object], fault: str) -> None:
    wire.says(PASSING[fault], answer(200, b'{"Attributes":{}}'))
    assert put() == {"Attributes": {}}
    assert len(wire.requests) == 2


@pytest.mark.parametrize(("fault", "patience"), WAITED_FOR)
def test_what_does_not_pass_is_given_up(
    wire: Wire, put: Callable[[], object], pauses: list[float], fault: str
) -> None:
    wire.says(PASSING[fault])
    with pytest.raises((Refused, Unanswered)):
        put()
    assert (len(wire.requests), len(pauses)) == (3, 2)


@pytest.mark.parametrize(("fault", "patience"), WAITED_FOR)
def test_a_service_that_is_down_is_called_that(wire: Wire, dynamodb: Any, fault: str) -> None:
    wire.says(PASSING[fault])
    with pytest.raises(ServiceUnavailable, match="write event"):
        DynamoEvents(dynamodb, "events", 1).rank(an_event())


@pytest.mark.parametrize("code", FINAL)
def test_what_is_refused_for_good_is_asked_once(
    wire: Wire, put: Callable[[], object], code: str
) -> None:
    wire.says(refusal(code, FINAL[code]))
    with pytest.raises(Refused, match=code):
        put()
    assert len(wire.requests) == 1


def test_a_failed_condition_shows_what_is_in_the_way(wire: Wire, put: Callable[[], object]) -> None:
    item = {"pk": {"S": "a"}, "p": {"B": "AP8="}, "l": {"L": [{"M": {"B": {"BS": ["AA=="]}}}]}}
    wire.says(refusal("ConditionalCheckFailedException", Item=item))
    with pytest.raises(Refused) as refused:
        put()
    assert refused.value.answer["Item"] == {
        "pk": {"S": "a"},
        "p": {"B": b"\x00\xff"},
        "l": {"L": [{"M": {"B": {"BS": [b"\x00"]}}}]},
    }


def test_a_right_checksum_is_right(wire: Wire, put: Callable[[], object]) -> None:
    wire.says(answer(200, b'{"a":1}', X_Amz_CRC32=str(zlib.crc32(b'{"a":1}'))))
    assert put() == {"a": 1}
    assert len(wire.requests) == 1


# ----------------------------------------------------------------------- time


def test_attempts_are_bounded_in_time(wire: Wire) -> None:
    wire.says(Silence())
    started = time.monotonic()
    with pytest.raises(Unanswered, match="Timeout"):
        DynamoDB(SHORT).get_item(TableName="t", Key={})
    assert time.monotonic() - started < STEADY.read_s


def test_pauses_double_and_throttling_is_waited_out_longer() -> None:
    failures = Unanswered("reset"), Refused("ThrottlingException", 400, {})
    longest = [
        max(retries.pause(failure, attempt) for _ in range(400))
        for failure in failures
        for attempt in (1, 2)
    ]
    assert all(later > 1.5 * earlier for earlier, later in pairwise(longest))
    assert longest[-1] < 2 * retries.THROTTLED_PAUSE_S


def test_a_service_in_trouble_is_not_asked_everything_three_times(
    wire: Wire, put: Callable[[], object]
) -> None:
    wire.says(answer(500, b""))
    calls = 120
    for _ in range(calls):
        with pytest.raises(Refused):
            put()
    assert len(wire.requests) == calls + retries.CAPACITY // retries.COST


def test_what_succeeds_lets_others_be_repeated() -> None:
    quota = retries.Quota()
    while quota.take():
        pass
    for _ in range(retries.COST):
        quota.earn(retried=False)
    assert [quota.take(), quota.take()] == [True, False]
    quota.earn(retried=True)
    assert quota.take()


# ---------------------------------------------------------- as the SDK has it


def test_the_codes_are_those_of_the_sdk() -> None:
    throttled: Any = ThrottledRetryableChecker
    passing: Any = TransientRetryableChecker
    assert set(throttled._THROTTLED_ERROR_CODES) == retries.THROTTLED
    assert set(passing._TRANSIENT_ERROR_CODES) == retries.PASSING
    assert set(passing._TRANSIENT_STATUS_CODES) == retries.PASSING_STATUSES


ALIKE: dict[str, list[Reply]] = {
    "well": [answer()],
    "after an internal error": [refusal("InternalServerError", 500), answer()],
    "after a reset": [Reset(), answer()],
    "after silence": [Silence(), answer()],
    "after a wrong checksum": [answer(200, b"{}", x_amz_crc32="1"), answer()],
    "not at all": [Reset()],
    "refused": [refusal("ValidationException")],
    "refused for its condition": [refusal("ConditionalCheckFailedException")],
    "refused by a gateway": [answer(403, b"<html>")],
}


@pytest.mark.parametrize("story", ALIKE)
def test_both_transports_ask_and_fail_alike(wire: Wire, story: str) -> None:
    """Through the adapter, whose errors are all that anybody sees."""
    ends = []
    clients: tuple[Any, ...] = (crt.DynamoDB(SHORT), sdk.client("dynamodb", SHORT))
    for client in clients:
        wire.says(*ALIKE[story])
        asked = len(wire.requests)
        try:
            DynamoEvents(client, "events", 1).rank(an_event())
            end = "stored"
        except Exception as error:
            end = type(error).__name__
        ends.append((end, len(wire.requests) - asked))
    clients[1].close()
    over_crt, over_boto3 = ends
    assert over_crt == over_boto3
