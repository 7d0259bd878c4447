"""Commits before they are asked for: who follows a loop's chain back asks for one after the other,
and would wait for each."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from itertools import takewhile

from personalizer.domain import names
from personalizer.domain.loop import ObjectRef
from personalizer.errors import ObjectMissing
from personalizer.ports import Archive, Objects

MOST, GROWTH = 512, 8
"""So many commits are read at a time, in the end: of some kilobytes each."""

type AtOnce = Callable[[Callable[[str], bytes | None], Iterable[str]], Iterable[bytes | None]]


class Ahead:
    """In front of another store, of which the archive has the names: they tell which commits are
    of the generations before one. Which of these count only the chain tells, and what their bytes
    must be. `at_once` does one thing to many, as a thread pool's `map` does."""

    def __init__(self, objects: Objects, archive: Archive, at_once: AtOnce, most: int = MOST):
        self._objects = objects
        self._archive = archive
        self._at_once = at_once
        self._most = most
        self._found: dict[str, bytes] = {}
        self._next = ""
        self._count = 1

    def put(self, key: str, data: bytes) -> ObjectRef:
        return self._objects.put(key, data)

    def get(self, ref: ObjectRef) -> bytes:
        if names.is_commit(ref.key):
            self._asked(ref.key)
        data = self._found.pop(ref.key, None)
        if data is not None and hashlib.sha256(data).hexdigest() == ref.sha256:
            return data
        return self._objects.get(ref)

    def _asked(self, key: str) -> None:
        """Who begins anywhere may want that one alone."""
        goes_on = self._next and key.startswith(self._next)
        if key not in self._found:
            self._count = min(self._count * GROWTH, self._most) if goes_on else 1
            self._found = {}
            if goes_on:
                self._read(key)
        loop, generation = names.loop_of_commit(key), names.number(key)
        self._next = names.before_commit(loop, generation - 1)

    def _read(self, key: str) -> None:
        wanted = [*self._before(key)]
        for name, data in zip(wanted, self._at_once(self._one, wanted), strict=True):
            if data is not None:
                self._found[name] = data

    def _before(self, key: str) -> Iterator[str]:
        """It, and those of the generations before it."""
        loop, last = names.loop_of_commit(key), names.number(key)
        after = names.before_commit(loop, max(last - self._count + 1, 0))
        keys = self._archive.keys(names.commits(loop), after)
        return takewhile(lambda each: names.number(each) <= last, keys)

    def _one(self, key: str) -> bytes | None:
        try:
            return self._archive.read(key)
        except ObjectMissing:
            return None
