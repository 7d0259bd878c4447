"""A function as its callers see it: it answers, it fails, or its process is gone."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

from cli.local import places
from tests.e2e.lab import eventually
from tests.kill.process import Died, Failed, Process

START_S = 30


@dataclass
class Function:
    """Calls start a new process only when all others are busy, as on Lambda."""

    name: str
    path: Path

    def __post_init__(self) -> None:
        self._idle: list[Process] = []
        self._busy: list[Process] = []
        self._lock = Lock()
        self.forgets_answers = 0
        """So many of the next answers are lost: the process is killed when it has just returned."""

    def __call__(self, event: object) -> Any:
        """Raises Died or Failed."""
        process = self._taken()
        try:
            result = process(event)
        except Died:
            self._discard(process)
            raise
        except Failed:
            self._release(process)
            raise
        if self._forgets():
            process.kill()
            self._discard(process)
            raise Died
        self._release(process)
        return result

    def busy(self) -> list[int]:
        """The processes that are at work."""
        with self._lock:
            return [process.pid for process in self._busy]

    def starts(self) -> bool:
        """Whether it takes events; if so, its first process waits for one."""
        try:
            self._idle.append(Process(self.path))
        except OSError:
            return False
        return True

    def close(self) -> None:
        """Also what is still at work, or stopped."""
        for pid in self.busy():
            os.kill(pid, signal.SIGKILL)
        with self._lock:
            for process in self._idle:
                process.close()
            self._idle.clear()

    def _forgets(self) -> bool:
        with self._lock:
            self.forgets_answers -= 1
            return self.forgets_answers >= 0

    def _taken(self) -> Process:
        with self._lock:
            process = self._idle.pop() if self._idle else Process(self.path)
            self._busy.append(process)
            return process

    def _release(self, process: Process) -> None:
        with self._lock:
            self._busy.remove(process)
            self._idle.append(process)

    def _discard(self, process: Process) -> None:
        with self._lock:
            self._busy.remove(process)
        process.close()


@contextmanager
def running(name: str, environment: Mapping[str, str], folder: Path) -> Iterator[Function]:
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.socket"
    with (folder / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.kill.sandbox", name, str(path)],
            cwd=places.ROOT,
            env={**environment, "AWS_LAMBDA_FUNCTION_NAME": name},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    function = Function(name, path)
    try:
        eventually(lambda: process.poll() is not None or function.starts(), START_S)
        assert process.poll() is None, (folder / f"{name}.log").read_text()
        yield function
    finally:
        function.close()
        process.terminate()
        process.wait()
        path.unlink(missing_ok=True)
