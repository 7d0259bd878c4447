"""What functions take for AWS: it forwards their calls to the emulators, unless something happens.

Kinesis may live in an emulator of its own.
"""

import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from tests.kill import calls
from tests.kill.traps import Caller, Gone, Instead, Moment, Traps
from tests.kill.weather import Weather

LOOPBACK = "127.0.0.1"
TRACE = "x-amzn-trace-id"
PATIENCE_S = 60
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length"}


@dataclass
class Proxy:
    """`aws` and `kinesis` are ports of emulators."""

    aws: int
    kinesis: int
    port: int = 0
    traps: Traps = field(default_factory=Traps)
    weather: Weather = field(default_factory=Weather)

    def upstream(self, *, kinesis: bool) -> int:
        return self.kinesis if kinesis else self.aws

    @contextmanager
    def kinesis_on(self, port: int) -> Iterator[None]:
        """For a while, Kinesis is another emulator."""
        self.kinesis = port
        try:
            yield
        finally:
            self.kinesis = self.aws

    def happen(self, caller: Caller, moment: Moment, call: str) -> None:
        """Raises Gone if the call ends here, or Instead if it is answered here."""
        self.traps.pass_by(caller, moment, call)
        self.weather.pass_through(moment)


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: list[tuple[str, str]]
    body: bytes


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: "_Server"

    def _pass(self) -> None:
        proxy = self.server.proxy
        headers = {key.lower(): value for key, value in self.headers.items()}
        length = int(headers.get("content-length", 0))
        body = self.rfile.read(length)
        if len(body) < length:  # the caller died while it spoke
            self.close_connection = True
            return
        call = calls.name(self.command, self.path, headers, body)
        caller = Caller.parse(headers[TRACE])
        try:
            proxy.happen(caller, Moment.BEFORE, call)
            answer = self._forwarded(headers, body)
            proxy.happen(caller, Moment.AFTER, call)
            self._deliver(answer)
        except Instead as other:
            self._deliver(Answer(HTTPStatus.OK, [], other.body))
        except (Gone, OSError, HTTPException):
            self.close_connection = True

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = _pass  # noqa: N815 - http.server's names

    def _forwarded(self, headers: dict[str, str], body: bytes) -> Answer:
        port = self.server.proxy.upstream(kinesis=calls.is_kinesis(headers))
        kept = {key: value for key, value in headers.items() if key not in HOP_BY_HOP | {"expect"}}
        with closing(HTTPConnection(LOOPBACK, port, timeout=PATIENCE_S)) as connection:
            connection.request(self.command, self.path, body, kept)
            answer = connection.getresponse()
            return Answer(answer.status, answer.getheaders(), answer.read())

    def _deliver(self, answer: Answer) -> None:
        self.send_response_only(answer.status)
        for key, value in answer.headers:
            if key.lower() not in HOP_BY_HOP:
                self.send_header(key, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, proxy: Proxy):
        super().__init__((LOOPBACK, 0), _Handler)
        self.proxy = proxy

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):  # callers die all the time here
            super().handle_error(request, client_address)


@contextmanager
def opened(aws: int) -> Iterator[Proxy]:
    """Listens until it is closed; Kinesis is in the same emulator until somebody says otherwise."""
    proxy = Proxy(aws, kinesis=aws)
    with _Server(proxy) as server:
        proxy.port = server.server_port
        Thread(target=server.serve_forever, daemon=True).start()
        yield proxy
        server.shutdown()
