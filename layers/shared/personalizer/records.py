"""Hub records as bytes: JSON that carries its format version."""

from typing import Literal

import msgspec

from personalizer.domain.hub import Announced, Joined, Record

UID_BYTES = 16


class _Announced(msgspec.Struct, tag="announced", tag_field="type"):
    record: Announced
    format: Literal[1] = 1


class _Joined(msgspec.Struct, tag="joined", tag_field="type"):
    record: Joined
    format: Literal[1] = 1


_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[_Announced | _Joined] = msgspec.json.Decoder(_Announced | _Joined)


def encode(record: Record) -> bytes:
    envelope = _Joined(record) if isinstance(record, Joined) else _Announced(record)
    return _encoder.encode(envelope)


def decode(data: bytes) -> Record:
    """Raises ValueError for what `encode` did not write, a later format's records included."""
    try:
        record = _decoder.decode(data).record
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if len(bytes.fromhex(record.uid)) != UID_BYTES:
        raise ValueError("not a uid")
    return record
