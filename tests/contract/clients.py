"""Clients of AWS that behave as the network and the service sometimes do. They wrap a real one."""

from collections.abc import Callable
from threading import Lock
from typing import Any

from botocore.exceptions import ReadTimeoutError


class Wrapped:
    """Calls go to `around` together with the real method; everything else is the client's own."""

    def __init__(self, client: Any):
        self._client = client

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._client, name)
        if name in ("exceptions", "meta", "get_paginator"):
            return method
        return lambda **arguments: self.around(name, lambda: method(**arguments))

    def around(self, name: str, call: Callable[[], Any]) -> Any:
        raise NotImplementedError


class Repeating(Wrapped):
    """Every answer to a write is lost, and the write repeated, as the SDK does by itself."""

    def around(self, name: str, call: Callable[[], Any]) -> Any:
        if name.startswith(("put", "update")):
            call()
        return call()


class Deaf(Wrapped):
    """Every write succeeds, but its answer never arrives, however often it is repeated."""

    def around(self, name: str, call: Callable[[], Any]) -> Any:
        call()
        raise ReadTimeoutError(endpoint_url=name)


class Atomic(Wrapped):
    """One call after the other: moto looks and writes in two steps, DynamoDB in one."""

    def __init__(self, client: Any):
        super().__init__(client)
        self._lock = Lock()

    def around(self, name: str, call: Callable[[], Any]) -> Any:
        with self._lock:
            return call()


class Overtaken(Wrapped):
    """Somebody else acts just before our first writes arrive, one act before each."""

    def __init__(self, client: Any, *acts: Callable[[], object]):
        super().__init__(client)
        self._acts = list(acts)

    def around(self, name: str, call: Callable[[], Any]) -> Any:
        if self._acts and name.startswith(("put", "update")):
            self._acts.pop(0)()
        return call()


class ReadOver:
    """Reads objects with the first client, and does everything else with the second."""

    def __init__(self, reader: Any, client: Any):
        self.get_object = reader.get_object
        self._client = client

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)
