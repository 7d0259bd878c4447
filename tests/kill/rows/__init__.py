"""The rows, a module for each part of the product or of the world that goes wrong."""

from collections.abc import Iterator

from tests.kill.row import Row
from tests.kill.rows import (
    api,
    learner,
    poison,
    relay,
    reshard,
    silence,
    storm,
    sweeper,
    trainer,
    weather,
    zombie,
)

MODULES = (api, sweeper, relay, trainer, learner, zombie, weather, silence, storm, poison, reshard)


def all_rows() -> Iterator[Row]:
    for module in MODULES:
        yield from module.rows()
