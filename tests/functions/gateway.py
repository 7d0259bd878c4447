"""An HTTP server before the management function, as API Gateway is one: for clients of HTTP."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.functions.conftest import Service, call

STAGE = "/v1"


@contextmanager
def listening(service: Service, loop: str) -> Iterator[str]:
    """The URL at which this loop is managed, whatever the key."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

        def answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length).decode() or None
            found = service("management", self._event(body))
            data = found["body"].encode()
            self.send_response(found["statusCode"])
            for name, value in found["headers"].items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def _event(self, body: str | None) -> dict[str, Any]:
            url = urlsplit(self.path)
            event = call("management", loop, httpMethod=self.command, body=body)
            event["requestContext"]["path"] = url.path
            return event | {
                "path": url.path.removeprefix(STAGE),
                "headers": dict(self.headers.items()),
                "queryStringParameters": dict(parse_qsl(url.query)) or None,
            }

        do_GET = do_PUT = do_POST = do_DELETE = answer  # noqa: N815 - so http.server calls them

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}{STAGE}"
    server.shutdown()
    server.server_close()
