"""The events table's stream, as Lambda delivers it."""

import base64
import re
from collections.abc import Mapping
from typing import Any

import msgspec

from personalizer.adapters.dynamodb import items
from personalizer.adapters.dynamodb.items import Attributes
from personalizer.domain.event import Item
from personalizer.domain.hub import Change
from personalizer.errors import Unreadable

TTL_SERVICE = "dynamodb.amazonaws.com"
_UID = re.compile(r"[0-9a-f]{32}")


def change(record: Mapping[str, Any]) -> Change:
    """Raises Unreadable for a record of an item that this version did not write."""
    try:
        return _change(record["dynamodb"], record.get("userIdentity") or {})
    except items.UNREADABLE as error:
        loop, uid = _whose(record) or (None, "")
        place = f"{uid}.{record.get('eventID')}".lstrip(".")  # each change of an event is kept
        raise Unreadable(place, msgspec.json.encode(record), repr(error), loop) from error


def decode(data: bytes) -> Change:
    """From a record as `change` keeps it when it cannot read it. Raises Unreadable again."""
    try:
        record = msgspec.json.decode(data, type=dict[str, Any])
    except msgspec.DecodeError as error:
        raise Unreadable("", data, "neither a record of the hub nor of the table") from error
    return change(record)


def _change(images: Mapping[str, Any], identity: Mapping[str, str]) -> Change:
    return Change(
        old=_item(images.get("OldImage")),
        new=_item(images.get("NewImage")),
        at=int(float(images["ApproximateCreationDateTime"]) * 1000),
        expired=_is_ttl(identity),
    )


def _whose(record: Mapping[str, Any]) -> tuple[str, str] | None:
    """The loop and the uid of an event that cannot be read otherwise."""
    images = record.get("dynamodb") or {}
    for image in (images.get("NewImage") or {}, images.get("OldImage") or {}):
        key, uid = (str(image.get(name, {}).get("S")) for name in ("pk", "uid"))
        if _UID.fullmatch(uid) and "#" in key:
            return key.partition("#")[0], uid
    return None


def _item(image: Attributes | None) -> Item | None:
    if not image:
        return None
    return items.load({name: _attribute(value) for name, value in image.items()})


def _attribute(attribute: Attributes) -> Attributes:
    """Binary values arrive as base64; events have none but at the top."""
    if "B" in attribute:
        return {"B": base64.b64decode(attribute["B"])}
    return attribute


def _is_ttl(identity: Mapping[str, str]) -> bool:
    keys = {key.lower(): value for key, value in identity.items()}
    return keys.get("type") == "Service" and keys.get("principalid") == TTL_SERVICE
