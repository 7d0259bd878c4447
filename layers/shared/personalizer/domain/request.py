"""What an application asks of Rank."""

from dataclasses import dataclass, field
from typing import Any

from personalizer.domain.features import Tree


@dataclass(frozen=True, slots=True, eq=False)
class Action:
    """One thing that could be shown. Compared by identity: equal bytes are parsed only once."""

    id: str
    features: tuple[Tree, ...]
    size: int
    derived: dict[str, Any] = field(default_factory=dict, repr=False)
    """What adapters have made of it, kept for as long as it is itself."""


@dataclass(frozen=True, slots=True)
class RankRequest:
    context: tuple[Tree, ...]
    context_size: int
    actions: tuple[Action, ...]
    excluded: frozenset[str]
    event_id: str | None
    inactive: bool
    """The event counts only once it is activated, by Activate or by a reward."""

    @property
    def candidates(self) -> tuple[Action, ...]:
        """The actions that the model may choose from."""
        return tuple(action for action in self.actions if action.id not in self.excluded)

    @property
    def pairs(self) -> int:
        """How many pairs of features a policy could make of it."""
        return sum((self.context_size + action.size) ** 2 for action in self.candidates)
