"""A Docker engine for a while: the one that runs already, else one of our own."""

import os
import platform
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cli.steps import last_lines

START_SECONDS = 30
STOP_SECONDS = 30


class Missing(Exception):
    """Why there is no engine here; the message says what to do about it."""


@dataclass(frozen=True, slots=True)
class Engine:
    """`address` is what the variable DOCKER_HOST takes; empty for the user's own engine."""

    address: str = ""

    def docker(self, *arguments: str) -> str:
        """What the command printed. Raises Missing with what it complained of."""
        done = self._run(*arguments)
        if done.returncode:
            raise Missing(f"docker {arguments[0]} fails: {last_lines(done.stderr, 3)}")
        return done.stdout

    def environment(self) -> dict[str, str]:
        return {"DOCKER_HOST": self.address} if self.address else {}

    def answers(self) -> bool:
        return self._run("info").returncode == 0

    def gateway(self) -> str:
        """This machine's address as containers see it."""
        form = "{{(index .IPAM.Config 0).Gateway}}"
        return self.docker("network", "inspect", "bridge", "--format", form).strip()

    def _run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["docker", *arguments],
            env=os.environ | self.environment(),
            stdin=subprocess.DEVNULL,
            text=True,
            capture_output=True,
        )


@contextmanager
def engine(folder: Path) -> Iterator[Engine]:
    """Raises Missing where none runs and none can be started."""
    if platform.system() != "Linux":
        raise Missing("the image is made of this machine's own files, which must be Linux's")
    if shutil.which("docker") and Engine().answers():
        yield Engine()
        return
    _require_what_starting_takes()
    with _own(folder) as engine:
        yield engine


def _require_what_starting_takes() -> None:
    for program in ("docker", "dockerd"):
        if not shutil.which(program):
            raise Missing(f"no {program} is installed; .ci/docker installs it on Debian")
    if os.geteuid() != 0:
        raise Missing("no Docker engine runs, and only root can start one")


@contextmanager
def _own(folder: Path) -> Iterator[Engine]:
    """What it stores is gone with it."""
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "log"
    engine = Engine(f"unix://{folder}/socket")
    with log.open("wb") as output:
        process = subprocess.Popen(_command(folder, engine), stdout=output, stderr=output)
    try:
        if not _answers(engine, process):
            raise Missing(f"dockerd does not start: {last_lines(log.read_text(), 3)}")
        yield engine
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(STOP_SECONDS)
        shutil.rmtree(folder, ignore_errors=True)


def _command(folder: Path, engine: Engine) -> list[str]:
    return [
        "dockerd",
        *("--host", engine.address),
        *("--data-root", f"{folder}/data", "--exec-root", f"{folder}/exec"),
        *("--pidfile", f"{folder}/pid"),
        # Rules of a firewall would outlive the engine. Ports are published without them, too.
        *("--iptables=false", "--ip6tables=false"),
    ]


def _answers(engine: Engine, process: subprocess.Popen[bytes]) -> bool:
    deadline = time.monotonic() + START_SECONDS
    while not (ready := engine.answers()) and process.poll() is None:
        if time.monotonic() > deadline:
            break
        time.sleep(0.2)
    return ready
