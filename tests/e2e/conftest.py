"""What the end-to-end tests talk to."""

import os
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from cli.local import commands, emulator, places
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
    commands.up(port=was_running.port if was_running else free_port())
    yield Service(places.ENDPOINT.read_text(), places.KEY.read_text())
    if not was_running:
        commands.down()


@pytest.fixture(scope="session")
def local_port(service: Service) -> int:
    """Of the local stack's emulator, for tests that make loops or look behind the API."""
    found = emulator.running()
    if found is None:
        pytest.skip("needs the local stack, and PERSONALIZER_URL names another")
    return found.port


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
