"""Models as clients carry them about, and what they are told of them."""

from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import format_datetime

import msgspec

from personalizer.usecases.models.history import Generation
from personalizer.usecases.models.served import Properties
from personalizer.wire import settings
from personalizer.wire.errors import refused

CODE = "InvalidModelImportFormat"

BYTES = {"Content-Type": "application/octet-stream"}

_encode = msgspec.json.Encoder().encode


def headers(name: str, made_at: int) -> dict[str, str]:
    """Of a model as a file: local inference asks for nothing newer than it has."""
    return {
        **BYTES,
        "Content-Disposition": f"attachment; filename={name}; filename*=UTF-8''{name}",
        "Last-Modified": format_datetime(datetime.fromtimestamp(made_at // 1000, UTC), usegmt=True),
    }


def properties(found: Properties | None) -> bytes:
    """An empty object while there is no model."""
    if found is None:
        return b"{}"
    return _encode(
        {
            "creationTime": settings.date(found.created_at),
            "lastModifiedTime": settings.date(found.modified_at),
        }
    )


def history(generations: Iterable[Generation]) -> bytes:
    return _encode(
        [
            {
                "generation": each.number,
                "made": settings.date(each.made_at),
                "learned": each.trained,
                "source": each.source,
                "base": each.base,
                "arguments": each.arguments,
                "sha256": each.sha256,
            }
            for each in generations
        ]
    )


def generation(text: str) -> int:
    """Of a path or a query. Raises RequestError."""
    if not (text.isascii() and text.isdigit() and len(text) <= 12):
        raise refused("ResourceNotFound")
    return int(text)
