"""Which namespaces VW multiplies with which, and where it keeps what it learned of a product.

A namespace is its first character's code. As in VW 9: wildcards stand for every printable namespace
of the example; of combinations with the same namespaces one counts, the first in VW's order; and
one in which a namespace comes twice has its namespaces sorted, and no product twice.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations_with_replacement, pairwise
from typing import NamedTuple

CONSTANT = 128
_WILDCARD = ord(":")
_PRIME = 16777619
_WORD = (1 << 64) - 1
_OPTIONS = ("--quadratic", "--cubic", "--interactions")

type Combination = tuple[int, ...]


class Feature(NamedTuple):
    """`place` is its number among the features of its namespace."""

    number: int
    value: float
    place: int


class Product(NamedTuple):
    number: int
    value: float
    places: tuple[int, ...]


def wanted(words: Sequence[str]) -> list[str]:
    """The combinations among a model's arguments, in VW's order."""
    pairs = [*pairwise(words)]
    return [value for option in _OPTIONS for name, value in pairs if name == option]


def compiled(terms: Sequence[str], present: Iterable[int]) -> list[Combination]:
    """What they come to where these namespaces are present."""
    told = _without_twins(tuple(map(ord, term)) for term in terms)
    if not any(_WILDCARD in term for term in told):
        return told
    printable = sorted(code for code in present if ord(" ") <= code <= ord("~"))
    found = [each for term in told for each in _filled(term, printable)]
    return _without_twins(sorted(found, key=lambda each: (len(each), each)))


def products(spaces: Sequence[Sequence[Feature]], combination: Combination) -> list[Product]:
    """Of the features of a combination's namespaces, `spaces` in its order."""
    made = [Product(0, 1.0, ())]
    for depth, space in enumerate(spaces):
        repeats = depth > 0 and combination[depth] == combination[depth - 1]
        made = [
            Product(
                ((_PRIME * before.number) & _WORD) ^ feature.number,
                before.value * feature.value,
                (*before.places, feature.place),
            )
            for before in made
            for feature in space[before.places[-1] if repeats else 0 :]
        ]
    return made


def _filled(term: Combination, codes: Sequence[int]) -> Iterator[Combination]:
    """Three wildcards VW fills in falling order, and fewer in rising order."""
    count = term.count(_WILDCARD)
    ordered = [*codes][::-1] if count == 3 else codes
    for filling in combinations_with_replacement(ordered, count):
        rest = iter(filling)
        yield tuple(next(rest) if code == _WILDCARD else code for code in term)


def _without_twins(found: Iterable[Combination]) -> list[Combination]:
    kept: dict[Combination, Combination] = {}
    for each in found:
        ordered = tuple(sorted(each))
        kept.setdefault(ordered, ordered if _repeats(each) else each)
    return [*kept.values()]


def _repeats(combination: Combination) -> bool:
    return len(set(combination)) < len(combination)
