"""Objects of which some are only here: what is written stays away from the store beneath."""

from personalizer.domain.loop import ObjectRef
from personalizer.errors import ObjectMissing
from personalizer.ports import Objects


class Layered:
    def __init__(self, top: Objects, below: Objects):
        self._top = top
        self._below = below

    def put(self, key: str, data: bytes) -> ObjectRef:
        return self._top.put(key, data)

    def get(self, ref: ObjectRef) -> bytes:
        try:
            return self._top.get(ref)
        except ObjectMissing:
            return self._below.get(ref)
