"""What became of decisions that the log does not hold: the other side of its accounts.

The log says what was learned. These notes say which decisions there were, and which of them ended
unlearned, so that a lost one would be missed. They form a set: noted again, nothing changes.
"""

from dataclasses import dataclass
from enum import StrEnum

from personalizer.domain.event import Event, State
from personalizer.domain.hub import Change


class What(StrEnum):
    """Lapsed: never shown, as far as we were told. Erased: deleted by somebody, not by time.
    Forgotten: learned, or set aside, longer ago than is kept."""

    RANKED = "ranked"
    LAPSED = "lapsed"
    ERASED = "erased"
    FORGOTTEN = "forgotten"


@dataclass(frozen=True, slots=True, order=True)
class Note:
    """`at` is epoch milliseconds."""

    uid: str
    what: What
    at: int


def notes(change: Change) -> list[Note]:
    """What a change of the events table adds to the accounts."""
    old = change.old if isinstance(change.old, Event) else None
    new = change.new if isinstance(change.new, Event) else None
    found: list[Note] = []
    if old is not None and (new is None or new.uid != old.uid):
        found += _ended(old, change)
    if new is not None and (old is None or new.uid != old.uid):
        found.append(Note(new.uid, What.RANKED, change.at))
    return found


def _ended(old: Event, change: Change) -> list[Note]:
    """A pending event is learned when its time is over, or another takes its place."""
    gone_by_itself = change.expired or change.new is not None
    if old.state is State.INACTIVE and gone_by_itself:
        return [Note(old.uid, What.LAPSED, change.at)]
    if old.state in (State.INACTIVE, State.PENDING) and not gone_by_itself:
        return [Note(old.uid, What.ERASED, change.at)]
    return []
