"""What the end-to-end tests talk to."""

import os
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from cli.local import commands, emulator, places, stack
from tests.e2e.lab import Lab, free_port


@dataclass(frozen=True, slots=True)
class Service:
    """Open Personalizer, running somewhere."""

    url: str
    key: str


@pytest.fixture(scope="session")
def service() -> Iterator[Service]:
    """The stack that PERSONALIZER_URL and PERSONALIZER_KEY name, else the local one, which is
    started, and afterwards stopped again, if it was not running."""
    if "PERSONALIZER_URL" in os.environ:
        yield Service(os.environ["PERSONALIZER_URL"], os.environ["PERSONALIZER_KEY"])
        return
    was_running = emulator.running()
    try:
        commands.up(port=None if was_running else free_port())
        port = emulator.found().port
        yield Service(stack.url(port, stack.outputs(port)), places.KEY.read_text())
    finally:
        if not was_running:
            commands.down()


@pytest.fixture(scope="session")
def local(service: Service) -> None:
    """For tests that make loops on the local stack, or look behind its API."""
    if not emulator.running():
        pytest.skip("needs the local stack, and PERSONALIZER_URL names another")


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Not the emulator of `make up`: its own port, its own state, its own little stack."""
    lab = Lab(tmp_path_factory.mktemp("lab"), free_port())
    os.environ["SECRET_OF_THE_DEVELOPER"] = "x"  # which no function may see
    emulator.start(lab.state, lab.port)
    try:
        lab.deploy()
        yield lab
    finally:
        emulator.stop(lab.state)
