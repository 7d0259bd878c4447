"""The first subscription key of the local stack."""

import sys
from collections.abc import Mapping

import httpx

from cli.local import environment, places, stack
from cli.steps import run


def first(port: int, url: str, outputs: Mapping[str, str]) -> str:
    """The one that is kept in `.local/key`, or a new one if the stack does not know it."""
    if not places.KEY.exists() or not _accepted(url, places.KEY.read_text()):
        _keep(create(port, outputs, "--loop", "default"))
    return places.KEY.read_text()


def create(port: int, outputs: Mapping[str, str], *options: str) -> str:
    """What `keys create` prints with these options, run against the local stack."""
    return run(
        [sys.executable, "-m", "cli", "keys", "create", *options],
        env=environment.of_the_tools(port) | stack.settings(outputs),
        cwd=places.ROOT,
    ).strip()


def _accepted(url: str, key: str) -> bool:
    answer = httpx.get(
        f"{url}/personalizer/v1.0/status",
        headers={"Ocp-Apim-Subscription-Key": key},
        timeout=30,
        trust_env=False,  # a proxy has no business between this machine and itself
    )
    return answer.status_code != httpx.codes.UNAUTHORIZED


def _keep(key: str) -> None:
    places.KEY.touch(mode=0o600)
    places.KEY.write_text(key)
