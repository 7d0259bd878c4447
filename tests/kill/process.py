"""One process of a function, seen from outside: the other end of `sandbox.py`."""

import json
import os
import signal
import socket
from pathlib import Path
from typing import Any


class Died(Exception):
    """The process was gone before it had answered."""


class Failed(Exception):
    """The handler raised."""


class Process:
    """One process of a function; it takes one event at a time."""

    def __init__(self, path: Path):
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(str(path))
        self._file = self._socket.makefile("rb")
        self.pid: int = self._heard()

    def __call__(self, event: object) -> Any:
        try:
            self._socket.sendall(json.dumps(event).encode() + b"\n")
        except OSError as error:
            raise Died from error
        answer = self._heard()
        if "error" in answer:
            raise Failed(answer["error"])
        return answer["result"]

    def _heard(self) -> Any:
        try:
            line = self._file.readline()
        except OSError as error:
            raise Died from error
        if not line:
            raise Died
        return json.loads(line)

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)

    def close(self) -> None:
        """It ends when it has nobody to listen to."""
        self._file.close()
        self._socket.close()
