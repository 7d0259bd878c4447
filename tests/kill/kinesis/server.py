"""Kinesis whose shards split and merge as on AWS: `kinesis-local` from npm, on Node.js.

The emulator of all the other rows forgets a shard's parents.
"""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cli.local import places
from tests.e2e.lab import eventually, free_port

INSTALLED = places.LOCAL / "kinesis" / "node_modules" / "kinesis-local"
LOOPBACK = "127.0.0.1"
ANOTHER_LOOPBACK = "127.0.0.2"
"""Belongs to this machine as well: whoever listens on every interface answers here too."""
START_S = 30


class Missing(Exception):
    """It is not installed."""


@contextmanager
def running(log: Path) -> Iterator[int]:
    """Its port."""
    node = shutil.which("node")
    if node is None or not INSTALLED.exists():
        raise Missing("Node.js and `make .local/kinesis/.complete`")
    plain, encrypted = free_port(), free_port()
    with log.open("wb") as output:
        process = subprocess.Popen(
            [node, "--require", Path(__file__).with_name("loopback.cjs"), "main.js"],
            cwd=INSTALLED,
            env=_environment(plain, encrypted),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        eventually(lambda: process.poll() is not None or _answers(LOOPBACK, plain), START_S)
        assert process.poll() is None, log.read_text()
        for port in (plain, encrypted):
            assert not _answers(ANOTHER_LOOPBACK, port), "it listens on another interface"
        yield plain
    finally:
        process.kill()  # asked to end, it waits for its connections to do so
        process.wait()


def _environment(plain: int, encrypted: int) -> dict[str, str]:
    durations = ("CREATE_STREAM", "SPLIT_SHARD", "MERGE_SHARDS")
    return {
        "PATH": os.defpath,
        "KINESIS_MOCK_PLAIN_PORT": str(plain),
        "KINESIS_MOCK_TLS_PORT": str(encrypted),
        "LOG_LEVEL": "ERROR",
        **{f"{name}_DURATION": "10ms" for name in durations},
    }


def _answers(address: str, port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((address, port)) == 0
