"""Keys: made, renewed and taken back, one slot at a time.

A key is returned once, when it is made. Only its hash is kept.
"""

import secrets
from collections.abc import Callable, Mapping

from personalizer.domain.access import GENERAL, Held, Place, Slot
from personalizer.errors import LostRace, SlotTaken
from personalizer.ports import Keys
from personalizer.usecases.authorize import hash_key

KEY_BYTES = 32


class Keyring:
    def __init__(self, keys: Keys, clock: Callable[[], int]):
        self._keys = keys
        self._clock = clock

    def held(self, loop: str | None) -> Mapping[Slot, Held]:
        return self._keys.held(loop)

    def create(self, loop: str | None, slot: Slot | None = None) -> str:
        """A key for this slot or, without one, for the first free of the two general ones.

        Raises SlotTaken, LoopNotFound and LostRace.
        """
        held = self._keys.held(loop)
        free = [each for each in ([slot] if slot else GENERAL) if each not in held]
        if not free:
            raise SlotTaken(slot or " and ".join(GENERAL))
        return self._put(Place(loop, free[0]), None)

    def rotate(self, place: Place) -> str:
        """A new key for the slot; the one it held opens nothing any more.

        Raises LoopNotFound, and LostRace if somebody else changes the slot at the same time: a key
        that was handed out is never replaced by a call that did not know of it.
        """
        return self._put(place, self._found(place))

    def revoke(self, place: Place) -> bool:
        """Take the slot's key back; false if it holds none. Raises LoopNotFound and LostRace."""
        found = self._found(place)
        if found and not self._keys.replace(place, found, None, self._clock()):
            raise LostRace(place.slot)
        return found is not None

    def _found(self, place: Place) -> str | None:
        held = self._keys.held(place.loop).get(place.slot)
        return held.key_hash if held else None

    def _put(self, place: Place, old: str | None) -> str:
        key = secrets.token_urlsafe(KEY_BYTES)
        if not self._keys.replace(place, old, hash_key(key), self._clock()):
            raise LostRace(place.slot)
        return key
