"""Model files as somebody could forge them: any header, with the checksum that goes with it."""

import struct
from dataclasses import dataclass, field, replace
from typing import Any, Self

MASK = 0xFFFFFFFF


@dataclass(frozen=True)
class Forged:
    """A model taken apart, so that a test may change what it likes."""

    version: bytes
    identity: bytes
    options: bytes
    body: bytes
    bits: int = 18
    lda: int = 0
    ngrams: tuple[bytes, ...] = ()
    skips: tuple[bytes, ...] = ()
    labels: tuple[float, float] = (0.0, 0.0)
    mark: bytes = b"m"
    checksum: int | None = None
    """The right one, unless told."""
    checksum_length: int = field(default=4)

    @classmethod
    def of(cls, model: bytes) -> Self:
        at = 0

        def text() -> bytes:
            nonlocal at
            (length,) = struct.unpack_from("<I", model, at)
            at += 4 + length
            return model[at - length : at]

        version, identity = text(), text()
        low, high, bits, lda, ngrams, skips = struct.unpack_from("<ffIIII", model, at + 1)
        assert (ngrams, skips) == (0, 0)
        at += 1 + 24
        options = text()
        (checksum,) = struct.unpack_from("<I", model, at + 4)
        taken = cls(version, identity, options, model[at + 8 :], bits, lda, labels=(low, high))
        assert taken.model == model, checksum
        return taken

    def with_options(self, more: str) -> bytes:
        """The model with more options, which Vowpal Wabbit would obey."""
        return replace(self, options=self.options[:-1] + b" " + more.encode() + b"\0").model

    def changed(self, **changes: Any) -> bytes:
        return replace(self, **changes).model

    @property
    def model(self) -> bytes:
        fields = [
            *_text(self.identity),
            self.mark,
            *(struct.pack("<f", label) for label in self.labels),
            struct.pack("<I", self.bits),
            struct.pack("<I", self.lda),
            struct.pack("<I", len(self.ngrams)),
            *self.ngrams,
            struct.pack("<I", len(self.skips)),
            *self.skips,
            *_text(self.options),
        ]
        checksum = self.checksum
        if checksum is None:
            checksum = 0
            for each in fields:
                checksum = murmur3(each, checksum)
        end = struct.pack("<II", self.checksum_length, checksum)
        return b"".join([*_text(self.version), *fields, end, self.body])


def _text(data: bytes) -> tuple[bytes, bytes]:
    return struct.pack("<I", len(data)), data


def murmur3(data: bytes, seed: int) -> int:
    """MurmurHash3 for 32 bits, as Vowpal Wabbit chains it through a header."""
    state = seed
    blocks = len(data) // 4
    for (block,) in struct.iter_unpack("<I", data[: blocks * 4]):
        state = _rotated(state ^ _scrambled(block), 13)
        state = (state * 5 + 0xE6546B64) & MASK
    tail = int.from_bytes(data[blocks * 4 :], "little")
    state ^= _scrambled(tail) if tail else 0
    state ^= len(data)
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
        state = ((state ^ state >> shift) * factor) & MASK
    return state ^ state >> 16


def _scrambled(block: int) -> int:
    return _rotated((block * 0xCC9E2D51) & MASK, 15) * 0x1B873593 & MASK


def _rotated(value: int, by: int) -> int:
    return (value << by | value >> 32 - by) & MASK
