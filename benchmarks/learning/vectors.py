"""Visits as vectors, for peers that know nothing else."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from benchmarks.learning.tables import Row
from benchmarks.learning.worlds import Visit, World

type Vector = npt.NDArray[np.float64]


class Encoder:
    """A constant, every number, a place for each word: of the context, then of every offer."""

    def __init__(self, world: World) -> None:
        found = {name for visit in world.visits for name, _ in _features(visit)}
        self._places = {name: place for place, name in enumerate(sorted(found), 1)}

    def __call__(self, visit: Visit) -> Vector:
        vector = np.zeros(len(self._places) + 1)
        vector[0] = 1.0
        for name, value in _features(visit):
            vector[self._places[name]] = value
        return vector


def _features(visit: Visit) -> Iterable[tuple[str, float]]:
    yield from _numbers("", visit.context)
    for action, offer in visit.offers.items():
        yield from _numbers(f"{action} ", offer)


def _numbers(prefix: str, row: Row) -> Iterable[tuple[str, float]]:
    for name, value in row.items():
        if isinstance(value, str):
            yield f"{prefix}{name}={value}", 1.0
        else:
            yield f"{prefix}{name}", value
