"""Which namespaces a log has, as Vowpal Wabbit names them by their first characters."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from personalizer import dsjson
from personalizer.domain import features
from personalizer.domain.evaluation.candidates import Namespaces
from personalizer.domain.policy.options import is_namespace


class _Line(msgspec.Struct):
    example: dict[str, object] = msgspec.field(name="c")


_decode = msgspec.json.Decoder(_Line).decode
_decode_context = msgspec.json.Decoder(list[dict[str, Any]]).decode
_ACTIONS = "_multi"
SAMPLE = 500
"""So many lines of a part tell which namespaces there are."""


def of(logged: Iterable[bytes]) -> Namespaces:
    """Of these lines of the log, in order."""
    survey = Survey()
    for line in logged:
        survey.add(line)
    return survey.namespaces


class Survey:
    """Line by line. The first ones tell which namespaces there are; the widest context is that of
    all that are learned, as for the trainer."""

    def __init__(self) -> None:
        self._context, self._actions = set[str](), set[str]()
        self._lines = self._widest = 0

    def add(self, line: bytes) -> None:
        self._lines += 1
        if self._lines <= SAMPLE:
            example = _decode(line).example
            self._actions.update(_within(example.pop(_ACTIONS, [])))
            self._context.update(_inner(example))
        if not dsjson.skipped(line):
            self._widest = max(self._widest, _width(dsjson.context(line), self._widest))

    @property
    def namespaces(self) -> Namespaces:
        return Namespaces(_options(self._context), _options(self._actions), self._widest)


def _width(context: bytes, known: int) -> int:
    """How many features a context has. Most have no more than is known, which is quickly told of
    those without lists: every feature has a colon."""
    if context.count(b"[") == 1 and context.count(b":") <= known:
        return known
    return sum(map(features.size, _decode_context(context)))


def _inner(tree: Mapping[str, object]) -> Iterator[str]:
    """How each of the namespaces in an object begins that has features of its own."""
    for name, value in tree.items():
        if isinstance(value, dict | list) and _has_features(value):
            yield name[0]
        yield from _within(value)


def _within(value: object) -> Iterator[str]:
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, Mapping):
            yield from _inner(each)


def _has_features(value: Mapping[str, object] | list[object]) -> bool:
    if isinstance(value, Mapping):
        return any(not isinstance(each, dict | list) for each in value.values())
    return any(_has_features(each) if isinstance(each, Mapping) else True for each in value)


def _options(found: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(filter(is_namespace, found)))
