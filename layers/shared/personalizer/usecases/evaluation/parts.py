"""A part of a job's log, packed: read once from the loop's segments, and then for every policy.

A run is lines that stand one after another in the log, and the place of the first. Between two runs
something is missing. A part may begin where the one before it ended: that makes one run of the two.
"""

from collections.abc import Sequence
from itertools import pairwise

import msgspec
import zstandard

from personalizer import payload
from personalizer.errors import ObjectCorrupt

MAX_BYTES = 128 * 1024 * 1024


class Run(msgspec.Struct, frozen=True, array_like=True):
    first: int
    lines: Sequence[bytes]

    @property
    def end(self) -> int:
        """The place after its last."""
        return self.first + len(self.lines)


type Part = Sequence[Run]

_compressor = zstandard.ZstdCompressor(level=1)
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(tuple[Run, ...]).decode


def encode(part: Part) -> bytes:
    """Raises ValueError for a part that is too large to be read back."""
    plain = _encode(part)
    if len(plain) > MAX_BYTES:
        raise ValueError(f"a part of {len(plain)} bytes")
    return _compressor.compress(plain)


def decode(data: bytes) -> Part:
    """Raises ObjectCorrupt for what `encode` did not make."""
    try:
        part = _decode(payload.decompressed(data, MAX_BYTES))
    except (ValueError, RecursionError) as error:
        raise ObjectCorrupt("not a part of a log") from error
    if any(earlier.end > later.first for earlier, later in pairwise(part)):
        raise ObjectCorrupt("a part of a log that is not in order")
    return part
