"""`python -m benchmarks.stub FOLDER`: something that answers like AWS at once, in its own process.

It says on which port it listens. DynamoDB's operations are answered with the folder's file of that
name, or with an empty object; reading any object of S3's gives the file `object`.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

LOOPBACK = "127.0.0.1"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    folder: Path

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        told = self.folder / self.headers["X-Amz-Target"].rpartition(".")[2]
        self._say(told.read_bytes() if told.exists() else b"{}")

    def do_GET(self) -> None:
        self._say((self.folder / "object").read_bytes())

    def _say(self, body: bytes) -> None:
        head = "HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\nContent-Length:"
        self.wfile.write(f"{head} {len(body)}\r\n\r\n".encode() + body)


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """Its URL."""
    command = [sys.executable, "-m", "benchmarks.stub", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"http://{LOOPBACK}:{process.stdout.readline().strip()}"
        finally:
            process.kill()


if __name__ == "__main__":
    _Handler.folder = Path(sys.argv[1])
    with ThreadingHTTPServer((LOOPBACK, 0), _Handler) as server:
        print(server.server_port, flush=True)
        server.serve_forever()
