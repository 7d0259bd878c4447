"""What every store of immutable objects promises."""

import hashlib
from typing import Any

import pytest

from personalizer.adapters.memory import MemoryObjects
from personalizer.adapters.remembering import LARGE_BYTES, Remembering
from personalizer.adapters.s3 import S3Objects
from personalizer.domain import names
from personalizer.domain.loop import ObjectRef
from personalizer.errors import InfrastructureError, ObjectCorrupt, ObjectMissing
from personalizer.ports import Objects, Workbench
from tests.contract.clients import Deaf, Repeating

DATA = b"\x00model\xff"
HASH = hashlib.sha256(DATA).hexdigest()
KEY = "log/loop=default/dt=2026-01-01/000000000001-c.dsjson.gz"


def test_an_object_is_named_by_its_key_and_its_hash(objects: Objects) -> None:
    assert objects.put(KEY, DATA) == ObjectRef(KEY, HASH)


def test_an_object_is_read_as_it_was_written(objects: Objects) -> None:
    assert objects.get(objects.put(KEY, DATA)) == DATA


def test_an_empty_object_is_an_object(objects: Objects) -> None:
    assert objects.get(objects.put(KEY, b"")) == b""


def test_the_same_bytes_may_be_written_again(objects: Objects) -> None:
    objects.put(KEY, DATA)
    assert objects.put(KEY, DATA) == ObjectRef(KEY, HASH)


def test_an_object_is_never_replaced(objects: Objects) -> None:
    ref = objects.put(KEY, DATA)
    with pytest.raises(ObjectCorrupt):
        objects.put(KEY, b"other")
    assert objects.get(ref) == DATA


def test_a_missing_object_is_missing(objects: Objects) -> None:
    with pytest.raises(ObjectMissing):
        objects.get(ObjectRef(KEY, HASH))


def test_an_object_with_another_hash_is_corrupt(objects: Objects) -> None:
    objects.put(KEY, DATA)
    with pytest.raises(ObjectCorrupt):
        objects.get(ObjectRef(KEY, "0" * 64))


# ------------------------------------------------------- what is read once alone


class Counting(MemoryObjects):
    def __init__(self) -> None:
        super().__init__()
        self.reads: list[str] = []

    def get(self, ref: ObjectRef) -> bytes:
        self.reads.append(ref.key)
        return super().get(ref)


def test_what_was_written_or_read_is_not_read_again() -> None:
    store = Counting()
    before = store.put(KEY, DATA)
    remembering = Remembering(store)
    after = remembering.put("commit/default/1", DATA)
    for ref in (before, after, before, after):
        assert remembering.get(ref) == DATA
    assert store.reads == [KEY]


def test_a_model_and_a_large_object_are_read_each_time() -> None:
    store = Counting()
    remembering = Remembering(store)
    model = remembering.put(names.model("default", 1, 1, "c"), DATA)
    large = remembering.put(KEY, bytes(LARGE_BYTES + 1))
    for ref in (model, large, model, large):
        remembering.get(ref)
    assert store.reads == [model.key, large.key] * 2


def test_what_was_not_used_for_longest_is_read_again() -> None:
    store = Counting()
    remembering = Remembering(store, most_bytes=2 * len(DATA))
    first, second = (remembering.put(f"log/{number}", DATA) for number in (1, 2))
    remembering.get(first)
    third = remembering.put("log/3", DATA)
    for ref in (third, first, second):
        remembering.get(ref)
    assert store.reads == [second.key]


def test_an_object_with_another_hash_is_not_what_is_remembered() -> None:
    remembering = Remembering(MemoryObjects())
    remembering.put(KEY, DATA)
    with pytest.raises(ObjectCorrupt):
        remembering.get(ObjectRef(KEY, "0" * 64))


# -------------------------------------------------------------------- S3 alone


def test_an_object_whose_write_was_repeated_is_written(s3: Any, bucket: str) -> None:
    repeating: Any = Repeating(s3)
    ref = S3Objects(repeating, bucket).put(KEY, DATA)
    assert S3Objects(s3, bucket).get(ref) == DATA


def test_an_object_whose_write_went_unheard_can_be_written_again(s3: Any, bucket: str) -> None:
    deaf: Any = Deaf(s3)
    with pytest.raises(InfrastructureError):
        S3Objects(deaf, bucket).put(KEY, DATA)
    assert S3Objects(s3, bucket).put(KEY, DATA) == ObjectRef(KEY, HASH)


def test_a_bucket_that_is_not_there_is_a_fault_of_the_infrastructure(s3: Any) -> None:
    with pytest.raises(InfrastructureError):
        S3Objects(s3, "nowhere").put(KEY, DATA)


# ----------------------------------------------------------------- by their keys


@pytest.fixture
def archive(workbench: Workbench) -> Any:
    """Objects that are an archive too."""
    return workbench


def test_keys_are_listed_in_order(archive: Any) -> None:
    for key in ("log/b", "log/a", "logs", "gen/a", "log/c"):
        archive.put(key, DATA)
    assert [*archive.keys("log/")] == ["log/a", "log/b", "log/c"]
    assert [*archive.keys("log/", after="log/a")] == ["log/b", "log/c"]
    assert [*archive.keys("log/", after="log/aa")] == ["log/b", "log/c"]
    assert [*archive.keys("nothing")] == []


def test_what_is_under_a_key_is_read(archive: Any) -> None:
    archive.put(KEY, DATA)
    assert archive.read(KEY) == DATA
    with pytest.raises(ObjectMissing):
        archive.read("nothing")


def test_what_is_deleted_is_gone_and_nothing_else(archive: Any) -> None:
    for key in ("a", "b", "c"):
        archive.put(key, DATA)
    archive.delete(iter(["a", "c", "gone"]))
    archive.delete(["a"])
    archive.delete([])
    assert [*archive.keys("")] == ["b"]


def test_what_lies_on_a_workbench_is_replaced(workbench: Workbench) -> None:
    workbench.write("job/result.json", DATA)
    assert workbench.read("job/result.json") == DATA
    workbench.write("job/result.json", b"")
    assert workbench.read("job/result.json") == b""
    assert [*workbench.keys("job/")] == ["job/result.json"]


def test_more_is_deleted_than_s3_takes_at_a_time(s3_objects: S3Objects) -> None:
    keys = [f"k{number:04d}" for number in range(1002)]
    s3_objects.put(keys[0], DATA)
    s3_objects.put(keys[-1], DATA)
    s3_objects.delete(keys)
    assert [*s3_objects.keys("")] == []


def test_a_deletion_that_s3_refuses_is_a_fault_of_the_infrastructure(bucket: str) -> None:
    class Refusing:
        def delete_objects(self, **_: Any) -> dict[str, Any]:
            return {"Errors": [{"Key": "a", "Code": "AccessDenied"}]}

    refusing: Any = Refusing()
    with pytest.raises(InfrastructureError):
        S3Objects(refusing, bucket).delete(["a"])
