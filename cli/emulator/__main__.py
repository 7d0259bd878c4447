"""`python -m cli.emulator`: serves until SIGTERM, then saves its state and ends.

Settings come as ministack's environment variables; `cli/local/environment.py` says which and why.
"""

import asyncio
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import ministack.app

from cli.emulator import gateway, lock, streams, ttl, workers

_background: set[asyncio.Task[None]] = set()  # asyncio itself keeps only weak references


def main() -> None:
    note = f"{os.getpid()} {os.environ['GATEWAY_PORT']}"
    with lock.hold(Path(os.environ["EMULATOR_LOCK"]), note):
        ttl.install()
        gateway.install()
        streams.install()
        workers.install()
        ministack.app.app = _sweeping(gateway.encoded(ministack.app.app))
        _tidy_up()
        ministack.app.main()


def _sweeping(app: gateway.Application) -> gateway.Application:
    """The same application, with the sweep of expired items beside it while it lives."""

    async def application(scope: gateway.Json, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            _background.add(asyncio.create_task(ttl.sweep_for_ever()))
        await app(scope, receive, send)

    return application


def _tidy_up() -> None:
    """Delete the functions that a run unpacked which then crashed."""
    for leftover in Path(tempfile.gettempdir()).iterdir():
        shutil.rmtree(leftover, ignore_errors=True)


main()
