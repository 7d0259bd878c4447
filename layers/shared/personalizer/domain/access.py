"""Who may do what: the roles of keys, and the slots that hold them, two for each role."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a key opens: all of its loop, its loop's events alone, or the list of loops."""

    MANAGE = "manage"
    RANK = "rank"
    ADMIN = "admin"


RANKING = frozenset({Role.RANK, Role.MANAGE})
MANAGING = frozenset({Role.MANAGE})
ADMINISTERING = frozenset({Role.ADMIN})


class Slot(StrEnum):
    """A place for one key. Of two for a role, one goes on working while the other is renewed."""

    FIRST = "1"
    SECOND = "2"
    RANK_FIRST = "rank-1"
    RANK_SECOND = "rank-2"

    @property
    def role(self) -> Role:
        """Of a key in such a slot of a loop."""
        return Role.RANK if self in (Slot.RANK_FIRST, Slot.RANK_SECOND) else Role.MANAGE


GENERAL = (Slot.FIRST, Slot.SECOND)
"""The slots of an administrator, and those in which a loop's first keys go."""


@dataclass(frozen=True, slots=True)
class Place:
    """A slot of a loop, or of the administrators, who have none (None)."""

    loop: str | None
    slot: Slot

    def __post_init__(self) -> None:
        if self.loop is None and self.slot not in GENERAL:
            raise ValueError(f"administrators have no slot {self.slot}")

    @property
    def role(self) -> Role:
        return Role.ADMIN if self.loop is None else self.slot.role


@dataclass(frozen=True, slots=True)
class Held:
    """A slot's key: its SHA-256, and when it came there (epoch milliseconds)."""

    key_hash: str
    since: int


@dataclass(frozen=True, slots=True)
class Grant:
    """What the key with this SHA-256 opens: a loop, or none and the list of them."""

    key_hash: str
    loop: str | None
    role: Role
