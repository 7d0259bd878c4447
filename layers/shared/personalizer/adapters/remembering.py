"""Objects that are read over and over, read once: they never change."""

from collections import OrderedDict

from personalizer.domain import names
from personalizer.domain.loop import ObjectRef
from personalizer.ports import Objects

MOST_BYTES = 128 * 1024 * 1024
LARGE_BYTES = 256 * 1024


class Remembering:
    """In front of another store. Large objects are not remembered, nor are models of any size:
    whoever learns from one shall notice if it is lost."""

    def __init__(self, objects: Objects, most_bytes: int = MOST_BYTES):
        self._objects = objects
        self._most_bytes = most_bytes
        self._known: OrderedDict[ObjectRef, bytes] = OrderedDict()
        self._bytes = 0

    def put(self, key: str, data: bytes) -> ObjectRef:
        ref = self._objects.put(key, data)
        self._remember(ref, data)
        return ref

    def get(self, ref: ObjectRef) -> bytes:
        if ref in self._known:
            self._known.move_to_end(ref)
            return self._known[ref]
        data = self._objects.get(ref)
        self._remember(ref, data)
        return data

    def _remember(self, ref: ObjectRef, data: bytes) -> None:
        if ref in self._known or names.is_model(ref.key) or len(data) > LARGE_BYTES:
            return
        self._known[ref] = data
        self._bytes += len(data)
        while self._bytes > self._most_bytes:
            _, forgotten = self._known.popitem(last=False)
            self._bytes -= len(forgotten)
