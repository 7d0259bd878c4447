"""What every store of keys promises."""

from typing import Any

import pytest

from personalizer.adapters.dynamodb import DynamoKeys, DynamoLoops
from personalizer.domain.access import Grant, Held, Place, Role, Slot
from personalizer.domain.loop import Configuration, LoopState
from personalizer.errors import InfrastructureError, LoopNotFound
from personalizer.ports import Keys, Loops
from tests.contract.clients import Deaf, Wrapped
from tests.factories import NOW, a_head

FIRST = Place("default", Slot.FIRST)
SECOND = Place("default", Slot.SECOND)
STATE = LoopState(Configuration(), b"secret", a_head())


@pytest.fixture(autouse=True)
def _a_loop(loops: Loops) -> None:
    loops.create("default", STATE)


def test_a_key_opens_its_loop(keys: Keys) -> None:
    assert keys.replace(FIRST, None, "a", NOW)
    assert keys.grant("a") == Grant("a", "default", Role.MANAGE)


@pytest.mark.parametrize("slot", [Slot.RANK_FIRST, Slot.RANK_SECOND])
def test_a_key_for_ranking_says_so(keys: Keys, slot: Slot) -> None:
    keys.replace(Place("default", slot), None, "a", NOW)
    assert keys.grant("a") == Grant("a", "default", Role.RANK)


def test_an_administrators_key_opens_no_loop(keys: Keys) -> None:
    assert keys.replace(Place(None, Slot.SECOND), None, "a", NOW)
    assert keys.grant("a") == Grant("a", None, Role.ADMIN)


def test_an_unknown_key_opens_nothing(keys: Keys) -> None:
    keys.replace(FIRST, None, "a", NOW)
    assert keys.grant("b") is None


def test_slots_hold_keys_side_by_side(keys: Keys) -> None:
    keys.replace(FIRST, None, "a", NOW)
    keys.replace(SECOND, None, "b", NOW + 1)
    assert keys.held("default") == {Slot.FIRST: Held("a", NOW), Slot.SECOND: Held("b", NOW + 1)}
    assert keys.held(None) == {}


def test_a_new_key_in_a_slot_ends_the_old_one(keys: Keys) -> None:
    keys.replace(FIRST, None, "a", NOW)
    assert keys.replace(FIRST, "a", "b", NOW + 1)
    assert (keys.grant("a"), keys.grant("b")) == (None, Grant("b", "default", Role.MANAGE))
    assert keys.held("default") == {Slot.FIRST: Held("b", NOW + 1)}


def test_a_key_that_is_taken_back_opens_nothing(keys: Keys) -> None:
    keys.replace(FIRST, None, "a", NOW)
    assert keys.replace(FIRST, "a", None, NOW)
    assert (keys.grant("a"), keys.held("default")) == (None, {})


@pytest.mark.parametrize("old", [None, "other"])
def test_a_key_replaces_the_one_that_it_was_meant_to(keys: Keys, old: str | None) -> None:
    keys.replace(FIRST, None, "a", NOW)
    assert not keys.replace(FIRST, old, "b", NOW)
    assert keys.grant("b") is None
    assert keys.held("default") == {Slot.FIRST: Held("a", NOW)}


@pytest.mark.parametrize("new", ["b", None])
def test_a_replacement_can_be_repeated(keys: Keys, new: str | None) -> None:
    keys.replace(FIRST, None, "a", NOW)
    assert keys.replace(FIRST, "a", new, NOW)
    assert keys.replace(FIRST, "a", new, NOW)
    assert len(keys.held("default")) == (new is not None)


def test_there_are_no_keys_of_a_loop_that_nobody_made(keys: Keys) -> None:
    with pytest.raises(LoopNotFound):
        keys.replace(Place("other", Slot.FIRST), None, "a", NOW)
    assert keys.grant("a") is None


def test_the_keys_of_a_deleted_loop_open_nothing(keys: Keys, loops: Loops) -> None:
    hashes = {slot: slot.value for slot in Slot}
    for slot, key_hash in hashes.items():
        keys.replace(Place("default", slot), None, key_hash, NOW)
    loops.delete("default", NOW)
    assert [keys.grant(key_hash) for key_hash in hashes.values()] == [None] * len(Slot)
    assert keys.held("default") == {}


def test_a_deleted_loop_gets_no_new_key(keys: Keys, loops: Loops) -> None:
    loops.delete("default", NOW)
    with pytest.raises(LoopNotFound):
        keys.replace(FIRST, None, "a", NOW)
    assert keys.grant("a") is None


def test_the_keys_of_others_survive_a_loop(keys: Keys, loops: Loops) -> None:
    loops.create("other", LoopState(Configuration(), b"secret", a_head(loop="other")))
    keys.replace(Place("other", Slot.FIRST), None, "a", NOW)
    keys.replace(Place(None, Slot.FIRST), None, "b", NOW)
    loops.delete("default", NOW)
    assert keys.grant("a") == Grant("a", "other", Role.MANAGE)
    assert keys.grant("b") == Grant("b", None, Role.ADMIN)


# --------------------------------------------------------------- DynamoDB alone


def test_a_replacement_that_went_unheard_can_be_repeated(dynamodb: Any, loops_table: str) -> None:
    DynamoLoops(dynamodb, loops_table).create("default", STATE)
    deaf: Any = Deaf(dynamodb)
    with pytest.raises(InfrastructureError):
        DynamoKeys(deaf, loops_table).replace(FIRST, None, "a", NOW)
    assert DynamoKeys(dynamodb, loops_table).replace(FIRST, None, "a", NOW)


class Hurried(Wrapped):
    """Puts a key into a slot just before each of the first transactions."""

    def __init__(self, client: Any, table: str, times: int):
        super().__init__(client)
        self._keys = DynamoKeys(client, table)
        self._slots = list(Slot)[:times]

    def around(self, name: str, call: Any) -> Any:
        if name == "transact_write_items" and self._slots:
            slot = self._slots.pop()
            self._keys.replace(Place("default", slot), None, slot.value, NOW)
        return call()


def test_a_key_that_comes_while_its_loop_is_deleted_goes_too(
    dynamodb: Any, loops_table: str
) -> None:
    loops, keys = DynamoLoops(dynamodb, loops_table), DynamoKeys(dynamodb, loops_table)
    loops.create("default", STATE)
    hurried: Any = Hurried(dynamodb, loops_table, times=3)
    assert DynamoLoops(hurried, loops_table).delete("default", NOW)
    assert [keys.grant(slot.value) for slot in Slot] == [None] * len(Slot)


def test_nothing_is_left_of_a_deleted_loop_but_its_name(dynamodb: Any, loops_table: str) -> None:
    loops, keys = DynamoLoops(dynamodb, loops_table), DynamoKeys(dynamodb, loops_table)
    loops.create("default", STATE)
    keys.replace(FIRST, None, "a", NOW)
    loops.delete("default", NOW)
    left = dynamodb.scan(TableName=loops_table)["Items"]
    assert [(item["pk"]["S"], item["sk"]["S"]) for item in left] == [("loops", "default")]
