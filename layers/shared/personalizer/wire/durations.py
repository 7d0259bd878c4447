"""Spans of time as clients write them: ISO 8601, or .NET's [days.]hours:minutes:seconds."""

import re
from datetime import timedelta

import isodate

_TIME_SPAN = re.compile(r"(?:(\d{1,6})\.)?(\d{1,2}):(\d{1,2}):(\d{1,2}(?:\.\d{1,7})?)")
_MAX_TEXT = 64
_MS = timedelta(milliseconds=1)


def milliseconds(text: str) -> int:
    """Raises ValueError for what is neither form, or has no fixed length, as a month."""
    if len(text) > _MAX_TEXT:
        raise ValueError("not a duration")
    if text.strip("P") in ("", "T"):  # which the library takes for no time at all
        raise ValueError("not a duration")
    span = _time_span(text) or _iso(text)
    return span // _MS


def iso(milliseconds: int) -> str:
    """For example PT10M."""
    return str(isodate.duration_isoformat(milliseconds * _MS))


def _time_span(text: str) -> timedelta | None:
    found = _TIME_SPAN.fullmatch(text)
    if found is None:
        return None
    days, hours, minutes, seconds = found.groups()
    return timedelta(int(days or 0), float(seconds), hours=int(hours), minutes=int(minutes))


def _iso(text: str) -> timedelta:
    try:
        found = isodate.parse_duration(text)
    except (isodate.ISO8601Error, OverflowError) as error:
        raise ValueError("not a duration") from error
    if not isinstance(found, timedelta):
        raise ValueError("not a duration of fixed length")
    return found
