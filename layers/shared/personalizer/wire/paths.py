"""What a request's path says."""

import re
from urllib.parse import unquote

from personalizer.wire.errors import refused

MAX_ID = 256
_SLASHES = re.compile(r"/{2,}")


def collapsed(path: str) -> str:
    """Clients that join an endpoint with a trailing slash to a path send doubled slashes."""
    return _SLASHES.sub("/", path)


def event_id(raw: str, code: str) -> str:
    """The id in a path, which arrives percent-encoded; refused with `code` if no id can be that.

    The one place that decodes it: `%252F` is an id that contains `%2F`.
    """
    try:
        decoded = unquote(raw, errors="strict")
    except UnicodeDecodeError as error:
        raise refused(code, "EventIdNotUtf8", "The event id is not UTF-8.") from error
    if not 1 <= len(decoded) <= MAX_ID:
        raise refused(code, "IdTooLong", f"Ids should have at most {MAX_ID} characters.")
    return decoded
