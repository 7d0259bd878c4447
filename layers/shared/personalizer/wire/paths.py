"""What a request's path says."""

import re
from urllib.parse import unquote

from personalizer.wire.errors import refused
from personalizer.wire.ids import checked

_VERSION = re.compile(r"v\d[\w.-]*")
_SLASHES = re.compile(r"/{2,}")


def collapsed(path: str) -> str:
    """Clients that join an endpoint with a trailing slash to a path send doubled slashes."""
    return _SLASHES.sub("/", path)


def is_version(label: str) -> bool:
    """Whether a path's second part can be a version: any that begins like one is welcome."""
    return _VERSION.fullmatch(label) is not None


def event_id(raw: str, code: str) -> str:
    """The id in a path, which arrives percent-encoded; refused with `code` if no id can be that."""
    return checked(_decoded(raw, code, "event"), code, "EmptyEventId")


def job_id(raw: str, code: str) -> str:
    """The same of an evaluation."""
    return checked(_decoded(raw, code, "evaluation"), code, code)


def _decoded(raw: str, code: str, kind: str) -> str:
    """The one place that decodes it: `%252F` is an id that contains `%2F`."""
    try:
        return unquote(raw, errors="strict")
    except UnicodeDecodeError as error:
        rule, text = f"{kind.capitalize()}IdNotUtf8", f"The {kind} id is not UTF-8."
        raise refused(code, rule, text) from error
