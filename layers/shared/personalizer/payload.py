"""An example as one compressed blob: opaque to stores, to the hub and to the relay.

The first line says what was decided, the second holds the features: a store's own maps would lose
the order of keys, and order matters to VW.
"""

import msgspec
import zstandard

from personalizer.domain.decision import Decision
from personalizer.domain.example import Example
from personalizer.errors import ExampleTooLarge

MAX_BYTES = 16 * 1024 * 1024
MAX_PACKED = 350_000
"""DynamoDB takes items of 400 KB, of which the rest is for the event's other parts."""


class _Head(msgspec.Struct):
    decision: Decision
    context_size: int


_compressor = zstandard.ZstdCompressor(level=1)
_decompressor = zstandard.ZstdDecompressor()
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(_Head).decode


def pack(example: Example) -> bytes:
    """Raises ExampleTooLarge."""
    head = _encode(_Head(example.decision, example.context_size))
    packed = _compressor.compress(head + b"\n" + example.features)
    if len(packed) > MAX_PACKED:
        raise ExampleTooLarge(f"{len(packed)} bytes")
    return packed


def is_compressed(data: bytes) -> bool:
    return data.startswith(zstandard.FRAME_HEADER)


def plain(data: bytes) -> bytes:
    """The blob without its compression, if it has any. Raises ValueError for a broken one."""
    return decompressed(data, MAX_BYTES) if is_compressed(data) else data


def decompressed(data: bytes, most: int) -> bytes:
    """Raises ValueError for what is not zstd, or unpacks to more than `most` bytes."""
    if plain_size(data) > most:  # zstd itself believes whatever size a frame states
        raise ValueError("too much")
    try:
        return _decompressor.decompress(data, max_output_size=most)
    except zstandard.ZstdError as error:
        raise ValueError("not zstd") from error


def plain_size(data: bytes) -> int:
    """How many bytes `plain` will return; its own for a broken blob."""
    try:
        return max(len(data), zstandard.frame_content_size(data))
    except zstandard.ZstdError:
        return len(data)


def unpack(data: bytes) -> Example:
    """From what `pack` made, compressed or not. Raises ValueError for anything else."""
    first, _, features = plain(data).partition(b"\n")
    if b"\n" in features:
        raise ValueError("more than two lines")
    try:
        head = _decode(first)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    return Example(head.decision, head.context_size, features)
