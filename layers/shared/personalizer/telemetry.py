"""What a call has to say, in one line: a log event, and what CloudWatch is to count of it.

For the functions that every application's request waits for; the others have Powertools, whose log
event and metrics (a second line) cost more than ranking does. Names and forms are those of
Powertools, and of CloudWatch's embedded metric format.
"""

import sys
import time
from collections.abc import Callable, Collection, Mapping
from functools import cache, lru_cache
from typing import Any

import msgspec

from personalizer.api import Request, Response, answer
from personalizer.domain.access import Role
from personalizer.settings import Names

_encode = msgspec.json.Encoder().encode


class Line:
    """Nothing is written before `write`, which the next call must not have to wait for."""

    def __init__(self, names: Names, request_id: str | None):
        self._names = names
        self._request_id = request_id
        self._said: dict[str, object] = {}
        self._directives: list[msgspec.Raw] = []

    def log(self, message: str, **fields: object) -> None:
        """As a logger's `info` takes it. A line has one message."""
        self._said["message"] = message
        self._said.update(fields)

    def count(self, name: str, unit: str, value: int, *, loop: str | None = None) -> None:
        """A metric: of one loop or, without any, of all of them together."""
        dimensions = ("service",) if loop is None else ("loop", "service")
        self._directives.append(_directive(self._names.namespace, dimensions, name, unit))
        self._said[name] = [value]
        if loop is not None:
            self._said["loop"] = loop

    def write(self) -> None:
        """In one piece, as Lambda takes each for a line of its own."""
        if self._said:
            sys.stdout.write(_encode(self._document(time.time_ns() // 1_000_000)).decode() + "\n")
            sys.stdout.flush()

    def _document(self, now: int) -> dict[str, object]:
        document = {
            "level": "INFO",
            "timestamp": f"{_second(now // 1000)},{now % 1000:03}+0000",
            "service": self._names.service,
            **self._said,
        }
        if self._request_id:
            document["function_request_id"] = self._request_id
        if self._directives:
            document["_aws"] = {"Timestamp": now, "CloudWatchMetrics": self._directives}
        return document


def answered(
    event: Mapping[str, Any],
    context: object,
    operation: Callable[[Request, Line], Response],
    allowed: Collection[Role],
) -> dict[str, Any]:
    """The operation's answer. Its line is written whatever becomes of it."""
    line = Line(_names(), getattr(context, "aws_request_id", None))
    try:
        return answer(
            event, lambda request: operation(request, line), line.log, line.count, allowed=allowed
        )
    finally:
        line.write()


_names = cache(Names.read)


@cache
def _directive(namespace: str, dimensions: tuple[str, ...], name: str, unit: str) -> msgspec.Raw:
    metrics = [{"Name": name, "Unit": unit}]
    directive = {"Namespace": namespace, "Dimensions": [dimensions], "Metrics": metrics}
    return msgspec.Raw(_encode(directive))


@lru_cache(maxsize=1)
def _second(epoch: int) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(epoch))
