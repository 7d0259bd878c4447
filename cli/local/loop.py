"""A new loop on the local stack, and a client of it: for the demo, the benchmarks and the tests."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from cli.client import Client
from cli.local import emulator, key, places, stack


@dataclass(frozen=True, slots=True)
class Loop:
    """`port` and `outputs` are the stack's, for a look behind the API."""

    name: str
    url: str
    key: str
    client: Client
    port: int
    outputs: Mapping[str, str]


def new(purpose: str, *options: str, state: Path = places.STATE) -> Loop:
    """Named after its purpose, and made with these options of `keys create`."""
    port = emulator.found(state).port
    outputs = stack.outputs(port)
    name = f"{purpose}-{uuid4().hex[:8]}"
    url, secret = stack.url(port, outputs), key.create(port, outputs, "--loop", name, *options)
    return Loop(name, url, secret, Client(url, secret), port, outputs)
