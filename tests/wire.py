"""A server on this machine that says, word for word, what a test tells it to.

Replies are given in turn, one a request; whoever asks for more gets the last one again.
"""

import socket
import ssl
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import batched
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Event, Lock, Thread

LOOPBACK = "127.0.0.1"
JSON = "application/x-amz-json-1.0"


@dataclass(frozen=True, slots=True)
class Request:
    """`connection` counts from one."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    connection: int


class Silence(Exception):
    """Nothing is said any more, and the connection stays."""


class Reset(Exception):
    """The connection is gone at once."""


class Farewell(Exception):
    """This is said, and the connection closed without a word about it."""

    def __init__(self, words: bytes):
        self.words = words


class Slowly(Exception):
    """This is said in so many parts, with pauses."""

    def __init__(self, words: bytes, parts: int, pause_s: float):
        self.words, self.parts, self.pause_s = words, parts, pause_s


type Reply = bytes | Exception | Callable[[Request], bytes]


def answer(status: int = 200, body: bytes = b"{}", **headers: str) -> bytes:
    lines = {"Content-Type": JSON, "Content-Length": str(len(body))}
    lines |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"HTTP/1.1 {status} Said\r\n{head}\r\n".encode() + body


@dataclass
class Wire:
    replies: list[Reply] = field(default_factory=lambda: [answer()])
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    url: str = ""
    lock: Lock = field(default_factory=Lock)

    def says(self, *replies: Reply) -> None:
        self.replies = [*replies]

    def reply(self, request: Request) -> bytes:
        """Raises Silence, Reset, Farewell or Slowly."""
        with self.lock:
            self.requests.append(request)
            reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        if isinstance(reply, Exception):
            raise reply
        return reply if isinstance(reply, bytes) else reply(request)


class _Server(ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, wire: Wire, tls: ssl.SSLContext | None):
        super().__init__((LOOPBACK, 0), _Handler)
        self.wire, self.tls = wire, tls
        self.over = Event()


class _Handler(BaseRequestHandler):
    server: _Server

    def handle(self) -> None:
        wire = self.server.wire
        with wire.lock:
            wire.connections += 1
            number = wire.connections
        with suppress(OSError, Reset, EOFError):
            if self.server.tls:
                self.request = self.server.tls.wrap_socket(self.request, server_side=True)
            self._converse(wire, number)

    def _converse(self, wire: Wire, number: int) -> None:
        with self.request, self.request.makefile("rb") as stream:
            while True:
                request = _read(stream, number)
                try:
                    self.request.sendall(wire.reply(request))
                except Silence:
                    self.server.over.wait()
                    return
                except Slowly as slow:
                    size = len(slow.words) // slow.parts + 1
                    for part in batched(slow.words, size, strict=False):
                        self.request.sendall(bytes(part))
                        time.sleep(slow.pause_s)
                except Farewell as farewell:
                    self.request.sendall(farewell.words)
                    return
                except Reset:
                    at_once = struct.pack("ii", 1, 0)
                    self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
                    raise


def _read(stream: "socket.SocketIO", number: int) -> Request:
    """Raises EOFError if nobody asks any more."""
    line = stream.readline().decode()
    if not line:
        raise EOFError
    method, path, _ = line.split(" ", 2)
    headers = {}
    while field_line := stream.readline().decode().strip():
        name, _, value = field_line.partition(":")
        headers[name.lower()] = value.strip()
    body = stream.read(int(headers.get("content-length", 0))) or b""
    return Request(method, path, headers, body, number)


@contextmanager
def opened(tls: ssl.SSLContext | None = None) -> Iterator[Wire]:
    wire = Wire()
    with _Server(wire, tls) as server:
        wire.url = f"{'https' if tls else 'http'}://{LOOPBACK}:{server.server_address[1]}"
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield wire
        server.over.set()
        server.shutdown()
