"""Hub records as bytes.

Alone, a record is JSON that carries its format version. On the hub the records of one partition key
travel together: a zstd frame around MessagePack, whose training examples are compressed jointly, as
the actions of a catalogue repeat from event to event.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import msgspec
import zstandard

from personalizer import payload
from personalizer.batches import batches
from personalizer.domain.hub import Announced, Joined, Record

UID_BYTES = 16
MAX_PACK = 1024 * 1024 - 1024
"""Kinesis takes records of 1 MiB, partition key included."""
MAX_PLAIN = 4 * 1024 * 1024
"""Of one pack, unless it holds a single record: what unpacks a lot comes in parts."""
MAX_UNPACKED = 32 * 1024 * 1024


class _Announced(msgspec.Struct, tag="announced", tag_field="type"):
    record: Announced
    format: Literal[1] = 1


class _Joined(msgspec.Struct, tag="joined", tag_field="type"):
    record: Joined
    format: Literal[1] = 1


class _Pack(msgspec.Struct):
    records: list[_Announced | _Joined]
    format: Literal[2] = 2


_encode_one = msgspec.json.Encoder().encode
_decode_one: msgspec.json.Decoder[_Announced | _Joined] = msgspec.json.Decoder(_Announced | _Joined)
_encode_pack = msgspec.msgpack.Encoder().encode
_decode_pack = msgspec.msgpack.Decoder(_Pack).decode
_compress = zstandard.ZstdCompressor(level=3).compress


def encode(record: Record) -> bytes:
    return _encode_one(_envelope(record))


def decode(data: bytes) -> Record:
    """Raises ValueError for what `encode` did not write, a later format's records included."""
    try:
        return _checked(_decode_one.decode(data).record)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def pack(records: Sequence[Record]) -> list[bytes]:
    """The records in their order, in as few packs as the hub takes."""
    groups = batches(records, _plain_size, MAX_PLAIN)
    return [part for group in groups for part in _packed(group)]


def unpack(data: bytes) -> list[Record]:
    """What is in a pack, or in a record alone. Raises ValueError as `decode` does."""
    if not payload.is_compressed(data):
        return [decode(data)]
    plain = payload.decompressed(data, MAX_UNPACKED)
    try:
        return [_checked(envelope.record) for envelope in _decode_pack(plain).records]
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def unpacked_size(data: bytes) -> int:
    """How many bytes `unpack` will need, roughly."""
    return payload.plain_size(data)


def _plain_size(record: Record) -> int:
    return payload.plain_size(record.payload) if isinstance(record, Joined) else 0


def _packed(records: Sequence[Record]) -> list[bytes]:
    """One pack, or each half on its own. A payload is bounded, so that any record fits alone."""
    data = _compress(_encode_pack(_Pack([_envelope(_plain(record)) for record in records])))
    if len(records) == 1 or len(data) <= MAX_PACK:
        return [data]
    middle = len(records) // 2
    return _packed(records[:middle]) + _packed(records[middle:])


def _plain(record: Record) -> Record:
    """With its payload unpacked; one that cannot be stays as it is, for the trainer to refuse."""
    if not isinstance(record, Joined):
        return record
    try:
        return replace(record, payload=payload.plain(record.payload))
    except ValueError:
        return record


def _envelope(record: Record) -> _Announced | _Joined:
    return _Joined(record) if isinstance(record, Joined) else _Announced(record)


def _checked(record: Record) -> Record:
    if len(bytes.fromhex(record.uid)) != UID_BYTES:
        raise ValueError("not a uid")
    return record
