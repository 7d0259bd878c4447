"""Which namespaces a log has, as Vowpal Wabbit names them by their first characters."""

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from personalizer.domain.evaluation.candidates import Namespaces
from personalizer.domain.policy.options import is_namespace


class _Line(msgspec.Struct):
    example: dict[str, object] = msgspec.field(name="c")


_decode = msgspec.json.Decoder(_Line).decode
_ACTIONS = "_multi"
SAMPLE = 500


def of(logged: Iterable[bytes]) -> Namespaces:
    """Of these lines of the log, in order."""
    survey = Survey()
    for line in logged:
        survey.add(line)
    return survey.namespaces


class Survey:
    """Line by line. The first ones of a part tell which namespaces there are."""

    def __init__(self) -> None:
        self._context, self._actions = set[str](), set[str]()
        self._lines = self._widest = 0

    def add(self, line: bytes) -> None:
        self._lines += 1
        if self._lines > SAMPLE:
            return
        example = _decode(line).example
        each = example.pop(_ACTIONS, [])
        found = [*_inner(example)]
        self._context.update(name for name, _ in found)
        self._widest = max(self._widest, sum(size for _, size in found))
        self._actions.update(name for name, _ in _within(each))

    @property
    def namespaces(self) -> Namespaces:
        return Namespaces(_options(self._context), _options(self._actions), self._widest)


def _inner(tree: Mapping[str, object]) -> Iterator[tuple[str, int]]:
    """The namespaces in an object: how each begins, and how many features are its own."""
    for name, value in tree.items():
        if isinstance(value, dict | list) and (size := _size(value)):
            yield name[0], size
        yield from _within(value)


def _within(value: object) -> Iterator[tuple[str, int]]:
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, Mapping):
            yield from _inner(each)


def _size(value: Mapping[str, object] | list[object]) -> int:
    if isinstance(value, Mapping):
        return sum(not isinstance(each, dict | list) for each in value.values())
    return sum(_size(each) if isinstance(each, Mapping) else 1 for each in value)


def _options(found: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(filter(is_namespace, found)))
