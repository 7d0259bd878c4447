"""Classification data sets as bandits: every class is an action, and only the right one pays.

Both sets ship inside their packages' wheels, so a world never needs the network.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal, NamedTuple

Shape = Literal["flat", "nested"]
Features = dict[str, float]


class Round(NamedTuple):
    """One visitor: what is known of them, and the action that would please them."""

    features: Features
    best: str


@dataclass(frozen=True, slots=True)
class World:
    """`theme` is the name of the object that holds the features when the context is nested."""

    name: str
    theme: str
    actions: tuple[str, ...]
    rounds: tuple[Round, ...]

    def context(self, visit: Round, shape: Shape) -> list[dict[str, object]]:
        return context(visit.features, self.theme, shape)

    def reward(self, visit: Round, action: str) -> float:
        return 1.0 if action == visit.best else 0.0


def context(
    features: Mapping[str, float | str], theme: str, shape: Shape
) -> list[dict[str, object]]:
    """A visit as `contextFeatures` of a Rank request; `theme` names the object of a nested one."""
    flat: dict[str, object] = {**features}
    return [flat] if shape == "flat" else [{theme: flat}]


def action_features(action: str) -> list[dict[str, object]]:
    """The least Azure accepts: every action has at least one feature."""
    return [{"label": action}]


def digits(seed: int) -> World:
    """Which digit is drawn? 1,797 pictures of 8 x 8 pixels, ten actions."""
    from sklearn.datasets import load_digits

    data = load_digits()
    rows = [dict(zip(data.feature_names, map(float, pixels), strict=True)) for pixels in data.data]
    return _world("digits", "pixels", rows, [str(label) for label in data.target], seed)


def segments(seed: int) -> World:
    """What does a patch of an outdoor photograph show? 2,310 patches, seven actions."""
    from river.datasets import ImageSegments

    rows, labels = zip(*ImageSegments(), strict=True)  # type: ignore[no-untyped-call]
    return _world("segments", "patch", rows, labels, seed)


WORLDS: Mapping[str, Callable[[int], World]] = {"digits": digits, "segments": segments}


def _world(
    name: str,
    theme: str,
    rows: Iterable[Mapping[str, float]],
    labels: Sequence[str],
    seed: int,
) -> World:
    rounds = [Round(row, best) for row, best in zip(_scaled(list(rows)), labels, strict=True)]
    Random(seed).shuffle(rounds)  # noqa: S311 (nothing here is secret)
    return World(name, theme, tuple(sorted(set(labels))), tuple(rounds))


def _scaled(rows: Sequence[Mapping[str, float]]) -> list[Features]:
    """Every feature between 0 and 1; one that never varies is 0."""
    low = {name: min(row[name] for row in rows) for name in rows[0]}
    span = {name: max(row[name] for row in rows) - low[name] or 1.0 for name in rows[0]}
    return [{name: (value - low[name]) / span[name] for name, value in row.items()} for row in rows]
