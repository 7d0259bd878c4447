"""A row of the matrix: a fault at a named place, and what was played around it."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.kill.cluster import Cluster
from tests.kill.scene import Scene

type Play = Callable[[Cluster], Scene]
"""Plays the row, and leaves the scene at rest."""


class Skipped(Exception):
    """This machine lacks what the row needs."""


@dataclass(frozen=True, slots=True)
class Row:
    """`short`: also part of the short form, which has at least one row of every kind."""

    id: str
    what: str
    where: str
    play: Play
    short: bool = False
