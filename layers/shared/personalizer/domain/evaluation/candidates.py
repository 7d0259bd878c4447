"""Which policies might do better than a loop's own: what a search tries, first and around the best.

What is tried follows from the loop's policy, its costs and the namespaces in its log, and from
nothing else, so that it is known beforehand how many policies could have been chosen at all.
"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Self

import msgspec

from personalizer.domain import policy
from personalizer.domain.evaluation.changes import changed
from personalizer.domain.health import Range
from personalizer.domain.policy import Options
from personalizer.domain.policy.options import MAX_INTERACTIONS
from personalizer.domain.policy.presets import PRESETS
from personalizer.errors import PolicyRefused

PRESENT = "Present"
"""The name of the loop's own policy among those that are tried."""
AZURE = "Azure"
HYPER, INTERACTIONS, MARGINAL, IGNORE = "Hyper", "Inter-len", "Marginal", "Ignore"
"""Kinds of others, which are named by their kind and a number."""
_ALONE = (PRESENT, AZURE)

PACE = "-l 1"
"""What a new policy learns at, before that is varied."""

_SCALES = (
    ("-l", "0.5", (0.5, 2.0, 0.25)),
    ("--mellowness", "", (0.1, 10.0)),
    ("--lambda", "", (0.5, 2.0)),
    ("--gamma_scale", "", (0.25, 4.0)),
)
"""Options, what goes without saying, and what their values are multiplied by to vary them."""


type Changes = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Namespaces:
    """Those that the log has, by their first characters, as VW's options name them; and the most
    features that a context has."""

    context: tuple[str, ...] = ("F",)
    actions: tuple[str, ...] = ("i", "j")
    widest: int = 0

    def __add__(self, other: Self) -> Self:
        """Of two parts of a log."""
        context = tuple(sorted({*self.context, *other.context}))
        actions = tuple(sorted({*self.actions, *other.actions}))
        return type(self)(context, actions, max(self.widest, other.widest))


@dataclass(frozen=True, slots=True)
class Ground:
    """What is tried depends on this: the loop's arguments and cost offset, the least and the most
    reward in its log, and what its log has of namespaces."""

    arguments: str
    cost_offset: float
    rewards: Range
    namespaces: Namespaces


class Candidate(msgspec.Struct, frozen=True):
    """`changed`: what is different from the loop's policy, in words; nothing, if it is that."""

    name: str
    arguments: str
    changed: tuple[str, ...] = ()


def broad(ground: Ground) -> tuple[Candidate, ...]:
    """Policies of all kinds, the loop's own first."""
    return _named(ground, _first(ground))


def refined(ground: Ground, best: Candidate) -> tuple[Candidate, ...]:
    """What differs a little from the best of those, and is none of them."""
    together = _named(ground, [*_first(ground), *_near(ground, best.arguments)])
    return together[len(broad(ground)) :]


@lru_cache(maxsize=16)
def count(ground: Ground) -> int:
    """How many could be chosen, whatever the log says: the best of so many has to prove more."""
    first = [each.arguments for each in broad(ground)]
    near = [arguments for best in first for _, arguments in _near(ground, best)]
    widest = ground.namespaces.widest
    return len({*first, *(policy.effective(arguments, widest) for arguments in near)})


def _named(ground: Ground, found: Iterable[tuple[str, str]]) -> tuple[Candidate, ...]:
    """Each once, by its kind and a number."""
    kinds: dict[str, str] = {}
    for kind, arguments in found:
        kinds.setdefault(policy.effective(arguments, ground.namespaces.widest), kind)
    numbers: Counter[str] = Counter()
    own, named = next(iter(kinds)), []
    for arguments, kind in kinds.items():
        numbers[kind] += 1
        name = kind if kind in _ALONE else f"{kind}{numbers[kind]}"
        named.append(Candidate(name, arguments, changed(own, arguments)))
    return tuple(named)


def _first(ground: Ground) -> Iterator[tuple[str, str]]:
    """By kind and arguments, those first that mostly are best; some may be the same."""
    yield PRESENT, ground.arguments
    explorers = _explorers(ground)
    for interactions in ("-q :i -q :j --cubic ::i", "-q :i -q :j"):
        for explorer in explorers:
            yield HYPER, _written(explorer, interactions)
    for interactions in ("-q ::", _crossed(ground.namespaces), ""):
        for explorer in explorers[:2]:
            yield INTERACTIONS, _written(explorer, interactions)
    yield AZURE, PRESETS["azure"].arguments


def _explorers(ground: Ground) -> list[str]:
    """The first two are unlike each other."""
    (low, high), *others = _costs(ground)
    return [
        _regcb(low, high),
        "",
        *(_regcb(*costs) for costs in others),
        "--softmax --lambda 20",
        "--synthcover",
        "--squarecb --gamma_scale 100",
        f"--squarecb --elim --mellowness 0.001 --cb_min_cost {low!r} --cb_max_cost {high!r}",
    ]


def _regcb(low: float, high: float) -> str:
    return f"--regcbopt --mellowness 0.001 --cb_min_cost {low!r} --cb_max_cost {high!r}"


def _costs(ground: Ground) -> list[tuple[float, float]]:
    """The range that the loop's policy is made for, if it is for one, and the one in the log."""
    made_for = policy.cost_range(ground.arguments)
    seen = ground.cost_offset - ground.rewards.high, ground.cost_offset - ground.rewards.low
    sound = [(low, high) for low, high in (made_for, seen) if -math.inf < low < high < math.inf]
    return [*dict.fromkeys(sound or [(ground.cost_offset - 1, ground.cost_offset + 1)])]


def _crossed(namespaces: Namespaces) -> str:
    """Every namespace of the context with every one of the actions, and no others."""
    pairs = [*map("".join, product(namespaces.context, namespaces.actions))]
    return " ".join(f"-q {pair}" for pair in pairs[:MAX_INTERACTIONS])


def _written(explorer: str, interactions: str) -> str:
    return policy.canonical(f"--cb_explore_adf --cb_type mtr {explorer} {PACE} {interactions}")


def _near(ground: Ground, best: str) -> Iterator[tuple[str, str]]:
    """First what mostly makes a difference."""
    for kind, changes in _changes(ground.namespaces, policy.parse(best)):
        with suppress(PolicyRefused):  # at the end of what an option may be, or of the characters
            yield kind, policy.adjusted(best, changes)


def _changes(namespaces: Namespaces, options: Options) -> Iterator[tuple[str, Changes]]:
    for name, usual, factors in _SCALES:
        if usual or name in options:
            (value,) = options.get(name, (usual,))
            for factor in factors:
                yield HYPER, {name: (f"{float(value) * factor:.6g}",)}
    if "--marginal" not in options:
        yield MARGINAL, {"--marginal": ("i",)}
    before = {*"".join(options.get("--ignore", ()))}
    for left_out in (*namespaces.context, *namespaces.actions):
        ignored = before | {left_out}
        if left_out in namespaces.actions or not ignored.issuperset(namespaces.context):
            yield IGNORE, {"--ignore": sorted(ignored)}
