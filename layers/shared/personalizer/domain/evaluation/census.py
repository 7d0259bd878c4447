"""Which features the events of a log have: how often, and with how many different values."""

from collections.abc import Collection, Iterator
from typing import NamedTuple, Self

import msgspec

from personalizer.domain.evaluation.feature import Feature

HASH_BITS = 48
KEPT = 128
"""So many different values are counted one by one. Of more, the smallest of their hashes tell how
close together all of them are: the count is then within a tenth, or nearly so."""
MAX_FEATURES = 2000
"""What comes after so many has no place here. Who names features after people has that many."""


class Valued(NamedTuple):
    """A feature of an event; `value` is a hash of HASH_BITS of what it is there."""

    feature: Feature
    value: int


class Tally(msgspec.Struct, array_like=True):
    """`events` have it; of these, `partly` ones only for some of the candidates."""

    events: int = 0
    partly: int = 0
    hashes: set[int] = msgspec.field(default_factory=set)
    is_sample: bool = False
    """There were more than are kept."""

    def see(self, value: int) -> None:
        self.hashes.add(value)
        if len(self.hashes) > 2 * KEPT:
            self._thin()

    def __add__(self, other: Self) -> Self:
        sample = self.is_sample or other.is_sample
        both = self.hashes | other.hashes
        added = type(self)(self.events + other.events, self.partly + other.partly, both, sample)
        if sample or len(both) > 2 * KEPT:
            added._thin()
        return added

    @property
    def values(self) -> int:
        """How many different ones; a good guess where they are many."""
        if not self.is_sample:
            return len(self.hashes)
        smallest = sorted(self.hashes)[:KEPT]
        return round((len(smallest) - 1) * (1 << HASH_BITS) / (smallest[-1] + 1))

    def _thin(self) -> None:
        self.is_sample = True
        self.hashes = set(sorted(self.hashes)[:KEPT])


class Census(msgspec.Struct):
    """Parts of a log add up. `left_out` counts what was met and had no place any more."""

    events: int = 0
    namespaces: dict[str, dict[str, Tally]] = msgspec.field(default_factory=dict)
    left_out: int = 0
    size: int = 0

    def add(self, found: Collection[Valued], everywhere: Collection[Feature]) -> None:
        """Another event: what is in it, and which of that all of its candidates have."""
        self.events += 1
        for feature in {each.feature for each in found}:
            if (tally := self._tally(feature)) is not None:
                tally.events += 1
                tally.partly += feature not in everywhere
        for feature, value in found:
            if (known := self.tally(feature)) is not None:
                known.see(value)

    def __add__(self, other: Self) -> Self:
        added = type(self)(self.events + other.events, left_out=self.left_out + other.left_out)
        for feature, tally in [*self, *other]:
            if (place := added._tally(feature)) is not None:
                added.namespaces[feature.namespace][feature.name] = place + tally
        return added

    def __iter__(self) -> Iterator[tuple[Feature, Tally]]:
        for namespace, names in self.namespaces.items():
            for name, tally in names.items():
                yield Feature(namespace, name), tally

    def tally(self, feature: Feature) -> Tally | None:
        return self.namespaces.get(feature.namespace, {}).get(feature.name)

    def is_constant(self, feature: Feature) -> bool:
        """Whether it is the same everywhere, so that nothing can be told from it."""
        tally = self.tally(feature) or Tally()
        return tally.events == self.events and not tally.partly and tally.values == 1

    def _tally(self, feature: Feature) -> Tally | None:
        """A new one if there is none yet; None if there is no place for it."""
        if (known := self.tally(feature)) is not None:
            return known
        if self.size == MAX_FEATURES:
            self.left_out += 1
            return None
        self.size += 1
        made = self.namespaces.setdefault(feature.namespace, {})[feature.name] = Tally()
        return made
