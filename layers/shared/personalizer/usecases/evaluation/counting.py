"""Counting the features of a log's lines."""

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from personalizer import dsjson
from personalizer.domain.evaluation.census import HASH_BITS, Census, Valued
from personalizer.domain.evaluation.feature import Feature

MOST_KNOWN = 4096
"""Candidates come again and again, and are then read once."""


class _Context(msgspec.Struct):
    """`c`, with its candidates unread."""

    context: list[dict[str, Any]] = msgspec.field(name="FromUrl", default_factory=list)
    actions: list[msgspec.Raw] = msgspec.field(name="_multi", default_factory=list)


_decode = msgspec.json.Decoder(_Context).decode
_decode_action = msgspec.json.Decoder(dict[str, Any]).decode
_encode = msgspec.json.Encoder().encode


def counted(lines: Iterable[bytes]) -> Census:
    counter = Counter()
    for line in lines:
        counter.add(line)
    return counter.census


class Counter:
    """Counts line by line. What was counted so far is the `census`, which adds to others."""

    def __init__(self) -> None:
        self.census = Census()
        self._known: dict[bytes, frozenset[Valued]] = {}

    def add(self, line: bytes) -> None:
        found = _decode(dsjson.features(line))
        context = frozenset(_valued("FromUrl", found.context))
        actions = [self._action(bytes(raw)) for raw in found.actions]
        shared = [frozenset(valued.feature for valued in action) for action in actions]
        everywhere = {valued.feature for valued in context}.union(
            frozenset.intersection(*shared) if shared else ()
        )
        self.census.add(context.union(*actions), everywhere)

    def _action(self, raw: bytes) -> frozenset[Valued]:
        if (known := self._known.get(raw)) is not None:
            return known
        if len(self._known) == MOST_KNOWN:
            self._known.clear()
        self._known[raw] = found = frozenset(_valued("", _decode_action(raw)))
        return found


def _valued(namespace: str, value: Any) -> Iterator[Valued]:
    """The features in what stands under a namespace's key, of it and of all that is nested there.
    An action's own keys are namespaces, so that nothing of it is in the one without a name."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if isinstance(inner, dict | list):
                yield from _valued(key, inner)
            elif namespace:
                yield Valued(Feature(namespace, key), _hash(inner))
    elif all(isinstance(each, dict) for each in value):
        for each in value:
            yield from _valued(namespace, each)
    else:
        yield Valued(Feature(namespace), _hash(value))


def _hash(value: object) -> int:
    digest = hashlib.blake2b(_encode(value), digest_size=HASH_BITS // 8).digest()
    return int.from_bytes(digest)
