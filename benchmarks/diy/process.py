"""The service in a process of its own, on a port of this machine, and the CPU that it has used."""

import contextlib
import http.client
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cli.steps import Problem

PATIENCE_S = 20.0
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Service:
    pid: int
    connection: http.client.HTTPConnection

    def rank(self, body: bytes) -> None:
        """Over one connection, which stays open."""
        self.connection.request("POST", "/rank", body, {"Content-Type": "application/json"})
        answer = self.connection.getresponse()
        answer.read()
        if answer.status != http.client.CREATED:
            raise Problem(f"The service answered {answer.status}.")

    def cpu_seconds(self) -> float:
        """Its own and the kernel's on its behalf: fields 14 and 15 of proc(5)."""
        after_name = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(after_name[11]) + int(after_name[12])) / _TICKS


@contextlib.contextmanager
def running(model: bytes) -> Iterator[Service]:
    with tempfile.NamedTemporaryFile() as file, socket.create_server(("127.0.0.1", 0)) as listening:
        Path(file.name).write_bytes(model)
        port, number = listening.getsockname()[1], listening.fileno()
        options = ["--fd", str(number), "--log-level", "warning", "--no-access-log"]
        process = subprocess.Popen(
            [sys.executable, "-m", "uvicorn", "benchmarks.diy.service:app", *options],
            env=os.environ | {"MODEL": file.name},
            pass_fds=[number],
        )
        try:
            yield Service(process.pid, _connected(port))
        finally:
            process.terminate()
            process.wait(PATIENCE_S)


def _connected(port: int) -> http.client.HTTPConnection:
    """Calls wait in the socket's queue until the service has started."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
    connection.connect()
    return connection
