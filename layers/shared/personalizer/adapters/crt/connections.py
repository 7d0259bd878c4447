"""Connections to one endpoint: kept for the next request, and not trusted after a failure."""

import os
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from awscrt.http import HttpClientConnection, HttpRequest
from awscrt.io import (
    ClientBootstrap,
    ClientTlsContext,
    DefaultHostResolver,
    EventLoopGroup,
    SocketOptions,
    TlsConnectionOptions,
    TlsContextOptions,
)

from personalizer.adapters.aws import Patience, Unanswered
from personalizer.adapters.crt.endpoint import Endpoint


@dataclass(slots=True)
class Answer:
    """As it comes in, on awscrt's own thread."""

    status: int = 0
    headers: Sequence[tuple[str, str]] = ()
    body: bytearray = field(default_factory=bytearray)
    parts: int = 0

    def begin(self, status_code: int, headers: Sequence[tuple[str, str]], **_: Any) -> None:
        self.status, self.headers = status_code, headers
        self.parts += 1

    def go_on(self, chunk: bytes, **_: Any) -> None:
        self.body += chunk
        self.parts += 1

    def header(self, wanted: str) -> str | None:
        return next((value for name, value in self.headers if name.lower() == wanted), None)


class Connections:
    """For any number of threads: each request has a connection to itself."""

    def __init__(self, endpoint: Endpoint, patience: Patience):
        self._endpoint = endpoint
        self._patience = patience
        self._idle: deque[HttpClientConnection] = deque()

    def exchange(self, request: HttpRequest) -> Answer:
        """Raises Unanswered."""
        connection = self._open()
        answer = Answer()
        try:
            stream = connection.request(request, answer.begin, answer.go_on)
            stream.activate()
            self._hear(stream.completion_future, answer)
        except Exception as error:
            connection.close()
            self._idle.clear()  # what ended this one, such as a long sleep, has ended those too
            raise _unanswered(error) from error
        self._idle.append(connection)
        return answer

    def _open(self) -> HttpClientConnection:
        while self._idle:
            try:
                connection = self._idle.pop()
            except IndexError:  # another thread was faster
                break
            if connection.is_open():
                return connection
        return self._new()

    def _new(self) -> HttpClientConnection:
        """With its handshake, if it is encrypted, within the time for it."""
        connecting: Future[HttpClientConnection] = HttpClientConnection.new(
            self._endpoint.host,
            self._endpoint.port,
            bootstrap(),
            _sockets(self._patience),
            self._encryption(),
        )
        try:
            return connecting.result(self._patience.connect_s)
        except Exception as error:
            connecting.add_done_callback(_close)
            raise _unanswered(error) from error

    def _encryption(self) -> TlsConnectionOptions | None:
        if self._endpoint.scheme == "http":
            return None
        options = _tls(os.environ.get("AWS_CA_BUNDLE")).new_connection_options()
        options.set_server_name(self._endpoint.host)
        return options

    def _hear(self, done: Future[int], answer: Answer) -> None:
        """Wait for as long as something comes: a model is large. Raises TimeoutError."""
        while True:
            parts = answer.parts
            try:
                done.result(self._patience.read_s)
            except TimeoutError:
                if parts == answer.parts:
                    raise
            else:
                return


@cache
def bootstrap() -> ClientBootstrap:
    """One thread for all of a process's network; not before somebody needs it, since threads live
    through neither a fork nor a snapshot."""
    loop = EventLoopGroup(1)
    return ClientBootstrap(loop, DefaultHostResolver(loop))


@cache
def _tls(trusted: str | None) -> ClientTlsContext:
    """`trusted` is a file of certificates, if others are trusted than the system's."""
    options = TlsContextOptions()
    if trusted is not None:
        options.override_default_trust_store_from_path(ca_filepath=trusted)
    return ClientTlsContext(options)


def _sockets(patience: Patience) -> SocketOptions:
    options = SocketOptions()
    options.connect_timeout_ms = int(patience.connect_s * 1000)
    return options


def _unanswered(error: Exception) -> Unanswered:
    return Unanswered(getattr(error, "name", type(error).__name__))


def _close(connecting: "Future[HttpClientConnection]") -> None:
    """Nobody waits for this connection any more."""
    if connecting.exception() is None:
        connecting.result().close()
