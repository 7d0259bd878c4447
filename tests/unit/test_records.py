"""Hub records as bytes."""

import json
from decimal import Decimal
from typing import Any

import pytest

from personalizer import records
from personalizer.domain.hub import Announced, Record
from tests.factories import NOW, a_joined, a_uid


def changed(**changes: Any) -> bytes:
    envelope = json.loads(records.encode(a_joined()))
    return json.dumps({**envelope, **changes}).encode()


def with_uid(uid: str) -> bytes:
    return changed(record={**json.loads(changed())["record"], "uid": uid})


@pytest.mark.parametrize(
    "record",
    [
        a_joined(),
        a_joined(event_id="日\n\x00", reward=Decimal("-0.123456789"), observed=False),
        Announced("ranked", "default", "e-1", a_uid(1), NOW, 3),
        Announced("rewarded", "default", "e-1", a_uid(1), NOW, 3, Decimal("0.1")),
    ],
)
def test_what_is_encoded_decodes(record: Record) -> None:
    assert records.decode(records.encode(record)) == record


def test_a_record_carries_its_format() -> None:
    assert json.loads(records.encode(a_joined()))["format"] == 1


def test_a_reward_keeps_its_digits() -> None:
    assert b'"reward":"0.1"' in records.encode(a_joined(reward=Decimal("0.1")))


def test_fields_that_came_later_are_ignored() -> None:
    assert records.decode(changed(later=1)) == a_joined()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"garbage",
        b"\xff",
        b"{}",
        b"[]",
        changed(format=2),
        changed(type="unknown"),
        changed(record={}),
        with_uid("not hex"),
        with_uid("12"),
        b'{"x":' + b"[" * 100_000,
    ],
)
def test_what_cannot_be_read_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whatever it is called
        records.decode(data)
