"""Changing the features of a log's lines, to see what a policy is worth with others."""

import hashlib
from collections.abc import Callable, Collection
from typing import Any

import msgspec

from personalizer import dsjson
from personalizer.domain.evaluation.feature import Feature
from personalizer.usecases.evaluation.study import Study

_ACTIONS = "_multi"
_TAG = "_tag"

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


_PLACEBO = "placebo"
_WORDS = ("red", "green", "blue", "white")

type Alter = Callable[[bytes], bytes]
"""From a line to the same with other features."""


def altering(study: Study) -> Alter | None:
    """What a study does to lines before it learns them; None if it takes them as they are."""
    if study.placebo:
        return _adding(study.placebo)
    return removing(study.without) if study.without else None


def _adding(placebo: int) -> Alter:
    """A feature of the context that is drawn by lot, a number or a word; the same line always draws
    the same."""
    lot = placebo.to_bytes(8)

    def added(line: bytes) -> bytes:
        digest = hashlib.blake2b(line, digest_size=4, key=lot).digest()
        drawn = int.from_bytes(digest)
        value = drawn / (1 << 32) if placebo % 2 else _WORDS[drawn % len(_WORDS)]
        context = _decode(dsjson.features(line))
        context["FromUrl"] = [*context.get("FromUrl", ()), {_PLACEBO: value}]
        return dsjson.with_features(line, _encode(context))

    return added


def removing(features: Collection[Feature]) -> Alter:
    """What takes these features out of a line, and leaves all else of it as it was, byte for byte.

    Objects that are left empty stay: VW reads nothing there.
    """
    whole = frozenset(feature.namespace for feature in features if not feature.name)
    names = frozenset((feature.namespace, feature.name) for feature in features if feature.name)
    keys = [_encode(f.name or f.namespace) + b":" for f in features]

    def is_out(namespace: str, name: str) -> bool:
        return namespace in whole or (namespace, name) in names

    def without(line: bytes) -> bytes:
        old = dsjson.features(line)
        if not any(key in old for key in keys):
            return line
        kept = _encode(_pruned(_decode(old), is_out))
        return line if kept == old else dsjson.with_features(line, kept)

    return without


def _pruned(context: dict[str, Any], is_out: Callable[[str, str], bool]) -> dict[str, Any]:
    """The `c` of a line: its own keys are namespaces, and so are those of each action."""
    shared = {key: value for key, value in context.items() if key != _ACTIONS}
    actions = [_left_of("", action, is_out) for action in context[_ACTIONS]]
    return {**_left_of("", shared, is_out), _ACTIONS: actions}


def _left_of(namespace: str, value: Any, is_out: Callable[[str, str], bool]) -> Any:
    if isinstance(value, list):
        return [_left_of(namespace, each, is_out) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        key: _left_of(key, inner, is_out)
        for key, inner in value.items()
        if not _goes(namespace, key, inner, is_out)
    }


def _goes(namespace: str, key: str, value: Any, is_out: Callable[[str, str], bool]) -> bool:
    if isinstance(value, list) and _is_numbers(value):
        return is_out(key, "")
    return not isinstance(value, dict | list) and key != _TAG and is_out(namespace, key)


def _is_numbers(value: list[Any]) -> bool:
    return bool(value) and not isinstance(value[0], dict)
