"""A door for containers to what listens on 127.0.0.1, and on nothing else."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Thread

LOOPBACK = "127.0.0.1"


class _Server(ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False


class _Connection(BaseRequestHandler):
    def handle(self) -> None:
        # Either side may go away whenever it likes.
        with (
            suppress(OSError),
            socket.create_connection((LOOPBACK, self.request.getsockname()[1])) as inner,
        ):
            back = Thread(target=_pour, args=(inner, self.request), daemon=True)
            back.start()
            _pour(self.request, inner)
            back.join()


@contextmanager
def forwarded(address: str, port: int) -> Iterator[None]:
    """The port of 127.0.0.1 is also this address's, which only containers can reach.

    Raises OSError if that is not an address of this machine."""
    with _Server((address, port), _Connection) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield
        server.shutdown()


def _pour(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
