"""How things lie on the workbench, between two tasks and at the end: as MessagePack, which unlike
JSON has a word for infinity."""

import msgspec

from personalizer.errors import ObjectCorrupt

_encode = msgspec.msgpack.Encoder().encode


def packed(thing: object) -> bytes:
    return _encode(thing)


def unpacked[T](data: bytes, kind: type[T], key: str) -> T:
    """Raises ObjectCorrupt, and says at which key."""
    try:
        return msgspec.msgpack.decode(data, type=kind)
    except (ValueError, RecursionError) as error:
        raise ObjectCorrupt(f"{key}: {error}") from error
