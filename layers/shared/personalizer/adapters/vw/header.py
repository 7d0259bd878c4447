"""The head of a model file, read without Vowpal Wabbit.

It holds options that VW obeys on loading the file, among which could be some that write files or
open ports. So a model from elsewhere is loaded only if all of them are ones that a learning policy
may have, or that VW writes by itself.
"""

import math
import re
import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from personalizer.domain import policy
from personalizer.errors import ModelRefused, PolicyRefused

MAX_MODEL = 64 * 1024 * 1024
MAX_BITS = 22
DEFAULT_BITS = 18
OLDEST = (8, 1, 0)
NEXT_MAJOR = (10, 0, 0)
"""In between, the head has had the form that is read here."""
MAX_WORDS = {"version": 32, "id": 2048, "options": 4096}

_VERSION = re.compile(r"([0-9]{1,4})\.([0-9]{1,4})\.([0-9]{1,4})")
_DECIMAL = re.compile(r"-?[0-9]+\.[0-9]+(e[+-]?[0-9]+)?")
_QUOTES = frozenset("'\"\\")

IMPLIED = {
    "--cb_adf": "",
    "--csoaa_ldf": "multiline|m",
    "--csoaa_rank": "",
    "--per_model_save_load": "",
    "--random_seed": "[0-9]{1,20}",
    "--hash_seed": "0",
    "--hash": "strings",
    "--link": "identity",
}
"""What VW writes into models by itself, and which values change no meaning. A random seed is where
its random numbers go on."""


@dataclass(frozen=True, slots=True)
class Header:
    identity: str
    bits: int
    options: str


def read(model: bytes) -> Header:
    """Raises ModelRefused."""
    if len(model) > MAX_MODEL:
        raise ModelRefused("size", f"more than {MAX_MODEL} bytes")
    reader = _Reader(model)
    _check_version(reader.text("version"))
    identity = reader.text("id")
    if identity.startswith("-") or " " in identity:
        raise ModelRefused("id", "VW would find options in it")
    if reader.take(1) != b"m":
        raise ModelRefused("header", "not a model of Vowpal Wabbit")
    if not all(map(math.isfinite, reader.unpack("<ff"))):
        raise ModelRefused("labels", "its range is not finite")
    bits, lda, ngrams, skips = reader.unpack("<IIII")
    if not 0 < bits <= MAX_BITS:
        raise ModelRefused("bits", f"{bits} bits, of {MAX_BITS} at most")
    if lda or ngrams or skips:
        raise ModelRefused("grams", "no learning policy has topics, n-grams or skips")
    options = reader.text("options")
    if reader.unpack("<I") != (4,):
        raise ModelRefused("header", "no checksum")
    reader.take(4)
    return Header(identity, bits, options)


def allowed(words: Iterable[str], besides: Mapping[str, str] = MappingProxyType({})) -> str:
    """These options in their canonical form, without those that are implied and those `besides`.

    Raises ModelRefused.
    """
    try:
        return policy.canonical(" ".join(map(_shortest, _own(words, {**IMPLIED, **besides}))))
    except PolicyRefused as error:
        raise ModelRefused("options", str(error)) from error


def _own(words: Iterable[str], others: Mapping[str, str]) -> Iterator[str]:
    rest = iter(words)
    for word in rest:
        if word not in others:
            yield word
        elif others[word] and not re.fullmatch(others[word], value := next(rest, "")):
            raise ModelRefused("options", f"{word} {value}")


def _shortest(word: str) -> str:
    """VW writes a float's exact value: 0.200000002980232 for 0.2."""
    if not _DECIMAL.fullmatch(word):
        return word
    candidates = (f"{float(word):.{digits}g}" for digits in range(1, 10))
    return next((text for text in candidates if _float32(text) == _float32(word)), word)


def _float32(text: str) -> bytes:
    try:
        return struct.pack("<f", float(text))
    except OverflowError:
        raise ModelRefused("options", "a number beyond all bounds") from None


def _check_version(version: str) -> None:
    found = _VERSION.fullmatch(version)
    if not found or not OLDEST <= tuple(map(int, found.groups())) < NEXT_MAJOR:
        raise ModelRefused("version", "not of Vowpal Wabbit 8 or 9")


class _Reader:
    """Reads on from where it is; what is not there is refused."""

    def __init__(self, data: bytes):
        self._data, self._at = data, 0

    def take(self, count: int) -> bytes:
        taken = self._data[self._at : self._at + count]
        if len(taken) < count:
            raise ModelRefused("header", "it ends too early")
        self._at += count
        return taken

    def unpack(self, form: str) -> tuple[int, ...]:
        return struct.unpack(form, self.take(struct.calcsize(form)))

    def text(self, name: str) -> str:
        """Closed by a NUL. VW's reading must not differ from ours: no other NUL, and no quotes."""
        (length,) = self.unpack("<I")
        if not 0 < length <= MAX_WORDS[name]:
            raise ModelRefused("header", f"the {name} has an odd length")
        body, end = (taken := self.take(length))[:-1], taken[-1:]
        text = body.decode("ascii", "replace")
        if end != b"\0" or not (text.isascii() and text.isprintable()) or _QUOTES & set(text):
            raise ModelRefused("header", f"the {name} has odd characters")
        return text
