"""Making a client's features safe for Vowpal Wabbit without changing what they mean.

The sanitised tree feeds both the prediction text and the logged example, so that the model is asked
about exactly what it will later learn from.
"""

import math
import re
from collections.abc import Mapping
from typing import TypeGuard

type Value = str | bool | int | float | list[int | float] | Tree
type Tree = dict[str, Value]

MAX_DEPTH = 32
MAX_MAGNITUDE = 1e6
"""Beyond this a product of three features no longer fits VW's 32-bit arithmetic."""
MIN_MAGNITUDE = 1e-30

_UNSAFE = re.compile(r"[\x00-\x20\x7f|:]")
_CONTAINERS = (dict, list)


class FeatureError(ValueError):
    """Features that the contract refuses; `code` is the contract's name for the reason."""

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code


def sanitise(features: Mapping[str, object], depth: int = 1) -> Tree:
    """The features as VW may see them; raises FeatureError for what the contract refuses.

    Dropped, because VW ignores them: keys that start with `_`, null, false, zero, empty containers.
    Containers come first: VW's text and JSON then agree on the order of all features.
    """
    if depth > MAX_DEPTH:
        raise FeatureError("FeaturesNotInKeyValueFormat")
    if _is_clean(features):
        return features
    tree: Tree = {}
    for key, value in features.items():
        if key == "":
            raise FeatureError("FeatureHasEmptyStringId")
        clean = None if key.startswith("_") else _value(value, depth)
        if clean is not None:
            tree[_name(key, opens=isinstance(clean, dict | list))] = clean
    containers = {name: value for name, value in tree.items() if isinstance(value, dict | list)}
    return containers | tree


def size(tree: Tree) -> int:
    """How many features VW will see of a tree that is safe."""
    count = len(tree)
    for value in tree.values():
        if not isinstance(value, _CONTAINERS):
            return count  # as containers come first
        count += _size(value) - 1
    return count


def has_value(features: Mapping[str, object]) -> bool:
    """Whether any feature is not null: the contract asks this of every action."""
    return any(value is not None for value in features.values())


def word(text: str) -> str:
    """Text without the characters that structure VW's input."""
    return text if _is_word(text) else _UNSAFE.sub("_", text)


def _is_word(text: str) -> bool:
    """Certainly, and at a fraction of the regular expression's price; not for every word."""
    return text.isprintable() and not (" " in text or "|" in text or ":" in text)


def _is_clean(features: Mapping[str, object]) -> TypeGuard[Tree]:
    """Whether nothing would change: certainly, and quickly told. Most features are of that kind."""
    words = [*features]
    for value in features.values():
        if type(value) is str:
            words.append(value)
        elif type(value) is float or type(value) is int:
            if not (
                MIN_MAGNITUDE <= value <= MAX_MAGNITUDE or -MAX_MAGNITUDE <= value <= -MIN_MAGNITUDE
            ):
                return False
        elif value is not True:
            return False
    together = "/" + "/".join(words)
    return "" not in features and "/_" not in together and _is_word(together)


def _size(container: list[int | float] | Tree) -> int:
    return size(container) if isinstance(container, dict) else len(container)


def _value(value: object, depth: int) -> Value | None:
    """The value as VW may see it; None for one that it would ignore."""
    match value:
        case None | False:
            return None
        case True:
            return True
        case str():
            return word(value)
        case int() | float():
            return _number(value) or None
        case dict():
            return sanitise(value, depth + 1) or None
        case list():
            return _numbers(value)
    raise FeatureError("FeaturesNotInKeyValueFormat")


def _numbers(values: list[object]) -> list[int | float] | None:
    if not all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        raise FeatureError("FeatureContainsNonNumberArray")
    numbers = [_number(value) for value in values if isinstance(value, int | float)]
    return numbers if any(numbers) else None


def _number(value: float) -> int | float:
    if isinstance(value, float) and not math.isfinite(value):
        raise FeatureError("FeaturesNotInKeyValueFormat")
    if abs(value) < MIN_MAGNITUDE:
        return 0
    return max(-MAX_MAGNITUDE, min(MAX_MAGNITUDE, value))


def _name(key: str, *, opens: bool) -> str:
    """A key as VW may see it.

    VW reads a leading `_` as a control word, and a container whose name does not start in ASCII
    crashes its JSON reader.
    """
    name = word(key)
    if name[0] == "_" or (opens and not name[0].isascii()):
        return "x" + name
    return name
