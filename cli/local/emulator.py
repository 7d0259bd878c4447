"""The emulator as a process: started in a session of its own, found again by the lock it holds."""

import http.client
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cli.emulator import lock
from cli.local import environment, places
from cli.steps import Problem, last_lines

START_SECONDS = 30
STOP_SECONDS = 60  # it writes what it holds to disk; with many events that takes a while


@dataclass(frozen=True, slots=True)
class Emulator:
    """A living one."""

    pid: int
    port: int


def running(state: Path = places.STATE) -> Emulator | None:
    note = lock.note_of_holder(state / "lock")
    return Emulator(*map(int, note.split())) if note else None


def found(state: Path = places.STATE) -> Emulator:
    """The living one, for what makes no sense without it."""
    if not (living := running(state)):
        raise Problem("The local stack is not running. `make up` starts it.")
    return living


def start(state: Path = places.STATE, port: int | None = None) -> Emulator:
    """The one that runs already, or a new one, which answers when this returns."""
    if living := running(state):
        if port not in (None, living.port):
            raise Problem(f"The stack runs on port {living.port} already. `make down` stops it.")
        return living
    port = port or places.PORT
    if _listening(port):
        raise Problem(f"Port {port} is taken by another program. Try `make up PORT={port + 1}`.")
    return _launched(state, port)


def stop(state: Path = places.STATE) -> bool:
    """Whether one was running. It is gone, and its state on disk, when this returns."""
    if not (living := running(state)):
        return False
    os.kill(living.pid, signal.SIGTERM)
    if not _within(STOP_SECONDS, lambda: running(state) is None):
        raise Problem(f"The emulator (process {living.pid}) does not end:\n{_said(state)}")
    shutil.rmtree(state / "tmp", ignore_errors=True)  # the functions it unpacked, 50 MB each
    return True


def _launched(state: Path, port: int) -> Emulator:
    (state / "tmp").mkdir(parents=True, exist_ok=True)
    with log_of(state).open("w") as log:
        process = subprocess.Popen(  # noqa: S603 - our own launcher
            [places.EMULATOR_PYTHON, "-m", "cli.emulator"],
            cwd=places.ROOT,
            env=environment.of_the_emulator(state, port),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C in the terminal is not meant for it
        )
    _within(START_SECONDS, lambda: process.poll() is not None or _healthy(port))
    process.returncode = 0  # or Popen would warn that it still runs, which is the point
    if not (living := running(state)):
        raise Problem(f"The emulator does not start:\n{_said(state)}")
    return living


def _within(seconds: float, done: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _healthy(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/_ministack/health")
        return connection.getresponse().status == http.HTTPStatus.OK
    except OSError:
        return False
    finally:
        connection.close()


def log_of(state: Path = places.STATE) -> Path:
    return state / "emulator.log"


def _said(state: Path) -> str:
    return last_lines(log_of(state).read_text())
