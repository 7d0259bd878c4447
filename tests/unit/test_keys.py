"""Keys: made, renewed and taken back."""

import hashlib

import pytest

from personalizer.adapters.memory import MemoryKeys
from personalizer.domain.access import GENERAL, Grant, Held, Place, Role, Slot
from personalizer.errors import LostRace, SlotTaken
from personalizer.usecases.authorize import Authorize, hash_key
from personalizer.usecases.keys import Keyring
from tests.factories import NOW, House

FIRST = Place("default", Slot.FIRST)


class Racing(MemoryKeys):
    """Somebody else renews the slot between our look at it and our write."""

    def replace(self, place: Place, old: str | None, new: str | None, now: int) -> bool:
        super().replace(place, old, "theirs", now)
        return super().replace(place, old, new, now)


@pytest.fixture
def keys() -> MemoryKeys:
    house = House()
    house.add_loop("other")
    return MemoryKeys(house.memory_loops)


@pytest.fixture
def keyring(keys: MemoryKeys) -> Keyring:
    return Keyring(keys, lambda: NOW)


def test_a_key_opens_its_loop(keys: MemoryKeys, keyring: Keyring) -> None:
    made = {loop: keyring.create(loop) for loop in ("default", "other")}
    opened = {loop: Authorize(keys)(key) for loop, key in made.items()}
    assert opened == {loop: Grant(hash_key(key), loop, Role.MANAGE) for loop, key in made.items()}


def test_any_other_key_opens_nothing(keys: MemoryKeys, keyring: Keyring) -> None:
    assert Authorize(keys)(keyring.create("default")[:-1]) is None


def test_a_key_is_not_its_hash(keys: MemoryKeys, keyring: Keyring) -> None:
    key = keyring.create("default")
    assert Authorize(keys)(hashlib.sha256(key.encode()).hexdigest()) is None


def test_a_key_that_the_store_mixed_up_opens_nothing(keys: MemoryKeys) -> None:
    class Careless(MemoryKeys):
        def grant(self, key_hash: str) -> Grant | None:
            return Grant(hash_key("another"), "default", Role.MANAGE)

    assert Authorize(Careless(keys._loops))("mine") is None


def test_keys_fill_the_general_slots_one_after_the_other(keyring: Keyring) -> None:
    keyring.create("default")
    assert [*keyring.held("default")] == [Slot.FIRST]
    keyring.create("default")
    assert [*keyring.held("default")] == [*GENERAL]


def test_a_third_key_is_refused(keys: MemoryKeys, keyring: Keyring) -> None:
    made = [keyring.create("default") for _ in GENERAL]
    with pytest.raises(SlotTaken):
        keyring.create("default")
    assert all(Authorize(keys)(key) for key in made)


def test_a_slot_that_is_taken_gets_no_second_key(keyring: Keyring) -> None:
    keyring.create("default", Slot.RANK_FIRST)
    with pytest.raises(SlotTaken):
        keyring.create("default", Slot.RANK_FIRST)
    assert [*keyring.held("default")] == [Slot.RANK_FIRST]


def test_the_old_key_ends_with_a_rotation_and_the_other_stays(
    keys: MemoryKeys, keyring: Keyring
) -> None:
    old, other = keyring.create("default"), keyring.create("default")
    new = keyring.rotate(FIRST)
    authorize = Authorize(keys)
    assert [bool(authorize(key)) for key in (old, other, new)] == [False, True, True]


def test_an_empty_slot_can_be_rotated_too(keys: MemoryKeys, keyring: Keyring) -> None:
    assert Authorize(keys)(keyring.rotate(FIRST))
    assert keyring.held("default") == {
        Slot.FIRST: Held(keys.held("default")[Slot.FIRST].key_hash, NOW)
    }


def test_however_often_one_rotates_there_are_no_more_keys_than_slots(keyring: Keyring) -> None:
    for _ in range(3):
        for slot in Slot:
            keyring.rotate(Place("default", slot))
    assert {*keyring.held("default")} == {*Slot}


@pytest.mark.parametrize("before", [True, False])
def test_who_loses_a_race_gets_no_key_and_ends_none(keys: MemoryKeys, before: bool) -> None:
    if before:
        Keyring(keys, lambda: NOW).create("default")
    with pytest.raises(LostRace):
        Keyring(Racing(keys._loops), lambda: NOW).rotate(FIRST)
    assert keys.held("default") == {Slot.FIRST: Held("theirs", NOW)}


def test_a_key_can_be_taken_back(keys: MemoryKeys, keyring: Keyring) -> None:
    key = keyring.create("default")
    assert keyring.revoke(FIRST)
    assert (Authorize(keys)(key), keyring.revoke(FIRST)) == (None, False)


def test_a_key_that_is_renewed_meanwhile_is_not_taken_back(keys: MemoryKeys) -> None:
    Keyring(keys, lambda: NOW).create("default")
    with pytest.raises(LostRace):
        Keyring(Racing(keys._loops), lambda: NOW).revoke(FIRST)
    assert keys.grant("theirs")


def test_administrators_have_two_slots(keys: MemoryKeys, keyring: Keyring) -> None:
    made = [keyring.create(None) for _ in GENERAL]
    grants = [Authorize(keys)(key) for key in made]
    assert [grant and (grant.loop, grant.role) for grant in grants] == [(None, Role.ADMIN)] * 2
    with pytest.raises(ValueError, match="rank-1"):
        Place(None, Slot.RANK_FIRST)
