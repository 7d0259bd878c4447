"""Commits are read many at a time by whoever follows the chain back."""

from collections.abc import Callable, Iterable, Iterator

import pytest

from personalizer.adapters.ahead import Ahead
from personalizer.adapters.memory import MemoryObjects
from personalizer.domain import names
from personalizer.domain.loop import ObjectRef
from personalizer.errors import ObjectCorrupt, ObjectMissing

COMMITS = 2_000


class Counting:
    """What was asked for of the store itself, and how many times others were read at once."""

    def __init__(self) -> None:
        self.store = MemoryObjects()
        self.alone, self.rounds = list[str](), list[int]()

    def put(self, key: str, data: bytes) -> ObjectRef:
        return self.store.put(key, data)

    def get(self, ref: ObjectRef) -> bytes:
        self.alone.append(ref.key)
        return self.store.get(ref)

    def at_once[R](self, do: Callable[[str], R], things: Iterable[str]) -> Iterator[R]:
        wanted = [*things]
        self.rounds.append(len(wanted))
        return map(do, wanted)


@pytest.fixture
def counting() -> Counting:
    return Counting()


@pytest.fixture
def refs(counting: Counting) -> list[ObjectRef]:
    """Newest first. Every third generation has a commit too that lost a race."""
    made = [ObjectRef("", "")] * COMMITS
    for number in range(COMMITS):
        made[number] = counting.put(names.commit("loop", number, "won"), f"{number}".encode())
        if number % 3 == 0:
            counting.put(names.commit("loop", number, "lost"), b"lost")
    return made[::-1]


def ahead(counting: Counting, most: int = 512) -> Ahead:
    return Ahead(counting, counting.store, counting.at_once, most)


def test_a_chain_is_read_in_few_rounds(counting: Counting, refs: list[ObjectRef]) -> None:
    objects = ahead(counting)
    assert [objects.get(ref) for ref in refs] == [counting.store.get(ref) for ref in refs]
    assert len(counting.alone) == 1
    assert len(counting.rounds) < 10


def test_no_more_are_held_than_that(counting: Counting, refs: list[ObjectRef]) -> None:
    objects = ahead(counting, most=100)
    for ref in refs:
        objects.get(ref)
    assert max(counting.rounds) <= 100 * 4 / 3 + 1  # with those that lost


def test_who_wants_one_reads_one(counting: Counting, refs: list[ObjectRef]) -> None:
    objects = ahead(counting)
    for ref in refs[::10]:
        objects.get(ref)
    assert counting.rounds == []


def test_bytes_that_are_not_those_that_are_asked_for_are_corrupt(
    counting: Counting, refs: list[ObjectRef]
) -> None:
    counting.store.data[refs[50].key] = b"not what was written"
    objects = ahead(counting)
    for ref in refs[:50]:
        objects.get(ref)
    with pytest.raises(ObjectCorrupt):
        objects.get(refs[50])


def test_what_is_missing_is_missing(counting: Counting, refs: list[ObjectRef]) -> None:
    counting.store.delete([refs[50].key])
    objects = ahead(counting)
    for ref in refs[:50]:
        objects.get(ref)
    with pytest.raises(ObjectMissing):
        objects.get(refs[50])
    assert objects.get(refs[51])


def test_other_objects_are_read_as_they_are_asked_for(counting: Counting) -> None:
    refs = [counting.put(names.log("loop", n, "c", 0), b"lines") for n in range(9, 0, -1)]
    objects = ahead(counting)
    for ref in refs:
        objects.get(ref)
    assert counting.alone == [ref.key for ref in refs]
