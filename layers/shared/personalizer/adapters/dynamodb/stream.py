"""The events table's stream, as Lambda delivers it."""

import base64
from collections.abc import Mapping
from typing import Any

import msgspec

from personalizer.adapters.dynamodb import items
from personalizer.adapters.dynamodb.items import Attributes
from personalizer.domain.event import Item
from personalizer.domain.hub import Change
from personalizer.errors import Unreadable

TTL_SERVICE = "dynamodb.amazonaws.com"


def change(record: Mapping[str, Any]) -> Change:
    """Raises Unreadable for a record of an item that this version did not write."""
    try:
        return _change(record["dynamodb"], record.get("userIdentity") or {})
    except (ArithmeticError, KeyError, TypeError, ValueError) as error:
        raise Unreadable(record["eventID"], msgspec.json.encode(record), repr(error)) from error


def _change(images: Mapping[str, Any], identity: Mapping[str, str]) -> Change:
    return Change(
        old=_item(images.get("OldImage")),
        new=_item(images.get("NewImage")),
        at=int(float(images["ApproximateCreationDateTime"]) * 1000),
        expired=_is_ttl(identity),
    )


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
