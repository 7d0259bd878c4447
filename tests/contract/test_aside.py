"""What is kept beside the data: the quarantine, dead letters, and the notes of the audit."""

import base64
import json
from typing import Any

import pytest

from personalizer import records
from personalizer.adapters.dynamodb import stream
from personalizer.adapters.memory import MemoryAudit, MemoryDeadLetters, MemoryQuarantine
from personalizer.adapters.s3 import S3Audit, S3DeadLetters, S3Quarantine
from personalizer.domain.audit import Note, What
from personalizer.errors import Unreadable
from personalizer.ports import Audit, Quarantine
from tests.contract.clients import Repeating
from tests.factories import NOW, a_joined, a_uid
from tests.functions.conftest import example

DATA = b"\x00record\xff"
UID = a_uid(1)


# ------------------------------------------------------------------ quarantine


@pytest.fixture(params=["memory", "s3"])
def quarantine(request: pytest.FixtureRequest) -> Quarantine:
    if request.param == "memory":
        return MemoryQuarantine()
    return S3Quarantine(request.getfixturevalue("s3"), request.getfixturevalue("bucket"))


def test_a_record_may_be_set_aside_again(quarantine: Quarantine) -> None:
    quarantine.put("default", UID, "poison", DATA)
    quarantine.put("default", UID, "poison", DATA)
    assert {*quarantine.places("default")} == {UID}


def test_loops_do_not_see_each_others_quarantine(quarantine: Quarantine) -> None:
    quarantine.put("default", UID, "poison", DATA)
    assert not quarantine.places("defaul")
    assert quarantine.take("other", UID, "1") is None


def test_what_is_taken_is_whole_and_still_kept(quarantine: Quarantine) -> None:
    quarantine.put("default", UID, "poison", DATA)
    taken = quarantine.take("default", UID, "1")
    assert taken
    assert (taken.record, taken.reason) == (DATA, "poison")
    assert {*quarantine.places("default")} == {UID}


def test_what_is_forgotten_is_gone(quarantine: Quarantine) -> None:
    quarantine.put("default", UID, "poison", DATA)
    taken = quarantine.take("default", UID, "1")
    assert taken
    quarantine.forget(taken)
    quarantine.forget(taken)
    assert not quarantine.places("default")
    assert quarantine.take("default", UID, "2") is None


def test_what_an_attempt_took_and_never_forgot_the_next_takes_over(quarantine: Quarantine) -> None:
    quarantine.put("default", UID, "poison", DATA)
    quarantine.take("default", UID, "1")
    taken = quarantine.take("default", UID, "2")
    assert taken
    assert taken.record == DATA
    quarantine.forget(taken)
    assert not quarantine.places("default")


def test_what_is_set_aside_anew_outlives_the_end_of_an_attempt(quarantine: Quarantine) -> None:
    quarantine.put("default", UID, "poison", DATA)
    taken = quarantine.take("default", UID, "1")
    quarantine.put("default", UID, "poison again", DATA)
    assert taken
    quarantine.forget(taken)
    assert {*quarantine.places("default")} == {UID}


def test_a_second_attempt_outlives_the_end_of_the_first(quarantine: Quarantine) -> None:
    quarantine.put("default", UID, "poison", DATA)
    first = quarantine.take("default", UID, "1")
    quarantine.put("default", UID, "poison again", DATA)
    quarantine.take("default", UID, "2")
    assert first
    quarantine.forget(first)
    assert {*quarantine.places("default")} == {UID}


FUTURE = 4_000_000_000_000


def test_what_has_been_there_for_long_is_told_from_what_is_new(quarantine: Quarantine) -> None:
    quarantine.put("default", UID, "poison", DATA)
    quarantine.put("default", f"{UID}.change", "poison", DATA)
    quarantine.put("other", UID, "poison", DATA)
    quarantine.take("default", UID, "1")
    assert not quarantine.places_before("default", 0)
    assert {*quarantine.places_before("default", FUTURE)} == {UID, f"{UID}.change"}


@pytest.mark.parametrize("place", ["hub/shard-0/loop#1-77", f"{UID}.{'f' * 32}", "a/b-0"])
def test_any_place_can_be_kept_and_taken(quarantine: Quarantine, place: str) -> None:
    quarantine.put("unreadable", place, "garbage", DATA)
    assert {*quarantine.places("unreadable")} == {place}
    assert quarantine.take("unreadable", place, "1")


def test_what_was_set_aside_says_why_and_is_whole(s3: Any, bucket: str) -> None:
    S3Quarantine(s3, bucket).put("default", "uid-1", "poison", b"record")
    found = s3.get_object(Bucket=bucket, Key="quarantine/default/uid-1.json")["Body"].read()
    assert json.loads(found) == {"reason": "poison", "record": "cmVjb3Jk"}


# ----------------------------------------------------------------------- audit


@pytest.fixture(params=["memory", "s3"])
def audit(request: pytest.FixtureRequest) -> Audit:
    if request.param == "memory":
        return MemoryAudit()
    return S3Audit(request.getfixturevalue("s3"), request.getfixturevalue("bucket"))


NOTES = [Note(a_uid(number), what, NOW) for number, what in enumerate(What)]


def test_notes_are_a_set(audit: Audit) -> None:
    audit.write("default", NOTES)
    audit.write("default", reversed(NOTES[1:]))
    audit.write("default", NOTES)
    assert {*audit.read("default")} == {*NOTES}


def test_notes_of_days_that_are_over_can_be_let_go_of(audit: Audit) -> None:
    day = 24 * 3_600_000
    notes = [Note(a_uid(number), What.RANKED, NOW + number * day) for number in range(4)]
    for note in notes:
        audit.write("default", [note])
    audit.write("other", notes)
    audit.forget("default", NOW + 2 * day)
    assert {*audit.read("default")} == {*notes[2:]}
    assert {*audit.read("other")} == {*notes}


def test_no_notes_are_no_trouble(audit: Audit) -> None:
    audit.write("default", [])
    assert [*audit.read("default")] == []


def test_loops_do_not_see_each_others_notes(audit: Audit) -> None:
    audit.write("default", NOTES)
    assert [*audit.read("defaul")] == []


def test_notes_whose_writing_was_repeated_are_written(s3: Any, bucket: str) -> None:
    repeating: Any = Repeating(s3)
    S3Audit(repeating, bucket).write("default", NOTES)
    assert {*S3Audit(s3, bucket).read("default")} == {*NOTES}


# ---------------------------------------------------------------- dead letters


def leave(s3: Any, bucket: str, payload: object) -> str:
    """A file as Lambda leaves it when it gives a batch up."""
    place = "aws/lambda/mapping/shardId-000000000000/2026/09/01/2026-09-01T00.00.00-id"
    document = {"version": "1.0", "payload": payload}
    s3.put_object(Bucket=bucket, Key=place, Body=json.dumps(document).encode())
    return place


def test_a_batch_of_the_hub_is_read_back(s3: Any, bucket: str) -> None:
    packs = records.pack([a_joined(1), a_joined(2)])
    batch = [{"kinesis": {"data": base64.b64encode(pack).decode()}} for pack in packs]
    place = leave(s3, bucket, json.dumps({"Records": batch}))
    letters = S3DeadLetters(s3, bucket)
    assert [*letters.places()] == [place]
    assert letters.read(place) == packs


def test_a_batch_of_the_tables_stream_is_read_back(s3: Any, bucket: str) -> None:
    batch = example("relay")
    place = leave(s3, bucket, json.dumps(batch))
    found = [stream.decode(each) for each in S3DeadLetters(s3, bucket).read(place)]
    assert found == [stream.change(record) for record in batch["Records"]]


@pytest.mark.parametrize("payload", [None, "garbage", "{}", '{"Records":1}', '{"Records":[1]}'])
def test_a_letter_that_cannot_be_read_says_so(s3: Any, bucket: str, payload: object) -> None:
    place = leave(s3, bucket, payload)
    with pytest.raises(Unreadable):
        S3DeadLetters(s3, bucket).read(place)


def test_a_letter_that_is_forgotten_is_gone(s3: Any, bucket: str) -> None:
    place = leave(s3, bucket, "{}")
    letters = S3DeadLetters(s3, bucket)
    letters.forget(place)
    assert [*letters.places()] == []


def test_of_a_letter_that_is_gone_already_nothing_is_read(s3: Any, bucket: str) -> None:
    assert S3DeadLetters(s3, bucket).read("aws/lambda/gone") == []
    assert MemoryDeadLetters().read("gone") == []
