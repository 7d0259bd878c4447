"""What an application asks of Rank."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Self

from personalizer.domain.features import Tree


@dataclass(slots=True, eq=False)
class Action:
    """One thing that could be shown. Compared by identity: equal bytes are parsed only once.

    Not frozen, which doubles what making one costs, and there are fifty to a request.
    """

    id: str
    features: tuple[Tree, ...]
    size: int
    derived: Any = field(default=None, repr=False)
    """What an adapter has made of it, kept for as long as it is itself."""


class Actions(tuple[Action, ...]):
    """What there is to choose from. Catalogues repeat, so that this is read once as well."""

    derived: Any
    """What an adapter has made of all of them together."""

    sizes: tuple[int, int]
    """Of all of them, and the squares of each: their sums."""

    def __new__(cls, actions: Iterable[Action]) -> Self:
        made = super().__new__(cls, actions)
        made.derived = None
        sizes = [action.size for action in made]
        made.sizes = sum(sizes), sum([size * size for size in sizes])
        return made


@dataclass(frozen=True, slots=True)
class RankRequest:
    context: tuple[Tree, ...]
    context_size: int
    actions: Actions
    excluded: frozenset[str]
    event_id: str | None
    inactive: bool
    """The event counts only once it is activated, by Activate or by a reward."""

    candidates: Actions = field(init=False)
    """The actions that the model may choose from."""

    def __post_init__(self) -> None:
        kept = (action for action in self.actions if action.id not in self.excluded)
        candidates = Actions(kept) if self.excluded else self.actions
        object.__setattr__(self, "candidates", candidates)

    @property
    def pairs(self) -> int:
        """How many pairs of features a policy could make of it."""
        context, (once, squared) = self.context_size, self.candidates.sizes
        return len(self.candidates) * context**2 + 2 * context * once + squared
