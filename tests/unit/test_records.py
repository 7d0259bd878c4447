"""Hub records as bytes."""

import json
import random
from dataclasses import replace
from decimal import Decimal
from typing import Any

import msgspec
import pytest
import zstandard

from personalizer import payload, records
from personalizer.domain.hub import Announced, Joined, Record
from tests.factories import NOW, a_joined, a_uid, an_example


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


# Packs


def unpacked(packs: list[bytes]) -> list[Record]:
    return [record for each in packs for record in records.unpack(each)]


def with_plain_payloads(found: list[Record]) -> list[Record]:
    return [
        replace(r, payload=payload.plain(r.payload)) if isinstance(r, Joined) else r for r in found
    ]


def incompressible(number: int, size: int) -> Joined:
    return a_joined(number, payload=b"{" + random.Random(number).randbytes(size))


def test_what_travels_together_arrives_in_its_order() -> None:
    sent: list[Record] = [Announced("ranked", "default", "e-1", a_uid(1), NOW, 3), a_joined(2)]
    assert unpacked(records.pack(sent)) == with_plain_payloads(sent)


def test_a_record_alone_can_be_unpacked() -> None:
    assert records.unpack(records.encode(a_joined())) == [a_joined()]


def test_events_of_one_catalogue_share_what_they_repeat() -> None:
    features = b'{"FromUrl":[],"_multi":[%b]}' % b",".join(
        b'{"j":[{"x%d":1}]}' % n for n in range(300)
    )
    packed = payload.pack(an_example(features=features))
    together: list[Record] = [a_joined(n, payload=packed) for n in range(1, 101)]
    (pack,) = records.pack(together)
    assert len(pack) < sum(len(records.encode(record)) for record in together) / 10


def test_no_pack_is_larger_than_the_hub_takes() -> None:
    sent: list[Record] = [incompressible(n, 300_000) for n in range(1, 12)]
    packs = records.pack(sent)
    assert max(map(len, packs)) <= records.MAX_PACK
    assert unpacked(packs) == sent


def test_what_unpacks_a_lot_comes_in_parts() -> None:
    large = payload.pack(an_example(features=b" " * 3_000_000))
    assert len(records.pack([a_joined(n, payload=large) for n in (1, 2, 3)])) == 3


def test_a_payload_that_cannot_be_unpacked_travels_as_it_is() -> None:
    broken = a_joined(payload=payload.pack(an_example())[:-4])
    assert unpacked(records.pack([broken, a_joined(2)]))[0] == broken


def later_format() -> bytes:
    return zstandard.compress(msgspec.msgpack.encode({"records": [], "format": 3}))


@pytest.mark.parametrize(
    "data", [later_format(), zstandard.compress(b"garbage"), records.pack([a_joined()])[0][:-9]]
)
def test_a_pack_that_cannot_be_read_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whatever it is called
        records.unpack(data)
