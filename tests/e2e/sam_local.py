"""`sam local invoke`, on the built template and with an event file."""

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cli.local import environment, places
from cli.steps import last_lines
from tests.e2e import docker_image
from tests.e2e.docker_engine import Engine, Missing
from tests.e2e.forwarder import forwarded
from tests.e2e.rie import ARCHITECTURE
from tests.e2e.storage import Storage

SECONDS = 120
PATIENT = {"SAM_CLI_CONTAINER_CONNECTION_TIMEOUT": "60"}  # seconds, for the container to start


@dataclass(frozen=True, slots=True)
class SamLocal:
    engine: Engine
    folder: Path
    variables: Mapping[str, str]

    def __call__(self, resource: str, event: Path) -> Any:
        """What the function answered, or Lambda's description of its error."""
        variables = self.folder / "variables.json"
        variables.write_text(json.dumps({"Parameters": self.variables}))
        done = subprocess.run(
            self._command(resource, event, variables),
            cwd=places.ROOT,
            env=environment.of_the_tools(0) | self.engine.environment() | PATIENT,
            text=True,
            capture_output=True,
            timeout=SECONDS,
        )
        assert done.returncode == 0, last_lines(done.stderr)
        return json.loads(done.stdout)

    def _command(self, resource: str, event: Path, variables: Path) -> list[str | Path]:
        return [
            *(places.SAM, "local", "invoke", resource, "--event", event, "--env-vars", variables),
            *("--parameter-overrides", f"Architecture={ARCHITECTURE}"),
            *("--invoke-image", docker_image.TAG, "--skip-pull-image"),
            *("--layer-cache-basedir", self.folder / "layers"),
            *("--config-env", "local"),
        ]


@contextmanager
def ready(engine: Engine, storage: Storage, folder: Path) -> Iterator[SamLocal]:
    """Raises Missing if the engine's containers do not run, or not reach the storage."""
    gateway, port = engine.gateway(), storage.lab.port
    endpoint = f"http://{gateway}:{port}"
    docker_image.make(engine, folder, endpoint)
    with _opened(gateway, port):
        docker_image.connect(engine, gateway, port)
        yield SamLocal(engine, folder, storage.variables(endpoint))


@contextmanager
def _opened(gateway: str, port: int) -> Iterator[None]:
    with ExitStack() as doors:
        try:
            doors.enter_context(forwarded(gateway, port))
        except OSError as error:
            raise Missing(f"containers do not run on this machine itself: {error}") from error
        yield
