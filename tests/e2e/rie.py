"""A built function under Lambda's own runtime interface client, as AWS runs it, on this machine.

The interpreter has that client and nothing else: what the function imports beyond Python itself
has to come from its layers."""

import os
import platform
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from cli.local import places
from tests.e2e.lab import eventually, free_port

PYTHON = places.LOCAL / "runtime" / "bin" / "python"
ARCHITECTURE = {"x86_64": "x86_64", "aarch64": "arm64"}[platform.machine()]
LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Function:
    port: int

    def __call__(self, event: object) -> Any:
        """What the function answered, or Lambda's description of its error."""
        path = "/2015-03-31/functions/function/invocations"
        url = f"http://{LOOPBACK}:{self.port}{path}"
        return httpx.post(url, json=event, timeout=60, trust_env=False).json()


@contextmanager
def running(
    resource: str, layers: list[str], variables: Mapping[str, str], log: Path
) -> Iterator[Function]:
    """The function of this name in template.yaml, ready to be called."""
    port = free_port()
    with log.open("wb") as output:
        process = subprocess.Popen(
            _command(port),
            cwd=places.BUILD / resource,
            env=_environment(resource, layers, variables),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        eventually(lambda: process.poll() is not None or _listening(port))
        assert process.poll() is None, log.read_text()
        yield Function(port)
    finally:
        process.terminate()  # it ends the function too
        process.wait(10)


def installed() -> set[str]:
    """The packages that the interpreter has without any layer."""
    program = (
        "import importlib.metadata as m; print(*(d.metadata['Name'] for d in m.distributions()))"
    )
    done = subprocess.run(
        [PYTHON, "-c", program], env={}, check=True, text=True, capture_output=True
    )
    return set(done.stdout.split())


def _command(port: int) -> list[str | Path]:
    return [
        _emulator(),
        # Both default to every interface of the machine.
        *("--runtime-interface-emulator-address", f"{LOOPBACK}:{port}"),
        *("--runtime-api-address", f"{LOOPBACK}:{free_port()}"),
        *("--log-level", "error"),
        *(PYTHON, "-m", "awslambdaric", "app.handler"),
    ]


def _emulator() -> Path:
    """It ships inside SAM's command line."""
    [folder] = places.SAM.parents[1].glob("lib/python*/site-packages/samcli/local/rapid")
    return folder / f"aws-lambda-rie-{ARCHITECTURE}"


def _environment(resource: str, layers: list[str], variables: Mapping[str, str]) -> dict[str, str]:
    code = places.BUILD / resource
    folders = [code, *(places.BUILD / layer / "python" for layer in layers)]
    return {
        **variables,
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "LAMBDA_TASK_ROOT": str(code),
        "PYTHONPATH": os.pathsep.join(map(str, folders)),
    }


def _listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((LOOPBACK, port)) == 0
