"""What clients ask of a log, and are told of it."""

import msgspec

from personalizer.usecases.logs import Range
from personalizer.wire import settings
from personalizer.wire.errors import refused

CODE = "InvalidExportLogsRequest"

_encode = msgspec.json.Encoder().encode


def properties(dates: tuple[int, int] | None) -> bytes:
    """An empty object while there are no logs, as Azure answers."""
    if dates is None:
        return b"{}"
    first, last = map(settings.date, dates)
    return _encode({"dateRange": {"from": first, "to": last}})


def within(start: str | None, end: str | None) -> Range:
    """From the first moment up to before the last; open where None. Raises RequestError."""
    found = Range(_moment("from", start), _moment("to", end))
    if found.start is not None and found.end is not None and found.start >= found.end:
        raise refused(CODE, "InvalidRange", "from should be earlier than to.")
    return found


def _moment(name: str, text: str | None) -> int | None:
    return None if text is None else settings.moment(name, text, CODE)
