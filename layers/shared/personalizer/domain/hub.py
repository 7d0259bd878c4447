"""What the event hub carries, and the one table that decides when.

A finalisation is seen as a change of state, never as a deletion; TTL deleting a pending event is
the only deletion that counts, and it counts as the end of the wait. Any other is an erasure.
"""

import zlib
from dataclasses import dataclass
from decimal import Decimal

from personalizer.domain.event import Event, Item, LearningMode, State, Why


@dataclass(frozen=True, slots=True)
class Change:
    """A stored item before and after one write. `at` is when the store applied it (epoch ms)."""

    old: Item | None
    new: Item | None
    at: int
    expired: bool = False
    """The store's own TTL deleted the item."""


@dataclass(frozen=True, slots=True)
class Announced:
    """A small record for whoever watches the loop: ids and numbers, no features."""

    kind: str
    loop: str
    event_id: str
    uid: str
    at: int
    generation: int
    reward: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Joined:
    """One whole training example: the decision, and the reward it earned.

    `observed` is false where `reward` is the default; `final_at` orders deduplication. A record
    that was set aside and comes again proves that it is new: up to the generation `absent_until`
    the loop's log does not have it.
    """

    loop: str
    event_id: str
    uid: str
    ranked_at: int
    final_at: int
    reward: Decimal
    observed: bool
    why: Why
    learning_mode: LearningMode
    policy: str
    generation: int
    floor: float
    payload: bytes
    absent_until: int | None = None


type Record = Announced | Joined


def lane(event_id: str, lanes: int) -> int:
    """Where an event travels for all its life, in a loop that has this many lanes."""
    return zlib.crc32(event_id.encode()) % lanes


def records(change: Change) -> list[Record]:
    """What a change puts on the hub, in order."""
    old = change.old if isinstance(change.old, Event) else None
    new = change.new if isinstance(change.new, Event) else None
    if new is None:
        return [*_expired(old, change)]
    if old is None or old.uid != new.uid:
        early = _rewarded(None, new, change)
        return [*_superseded(old, change), _ranked(new, change), *early, *_final(None, new, change)]
    return [*_activated(old, new, change), *_rewarded(old, new, change), *_final(old, new, change)]


def _expired(old: Event | None, change: Change) -> list[Record]:
    if old is None or not change.expired or old.state is not State.PENDING:
        return []
    return [_joined(old, change.at, Why.TTL)]


def _superseded(old: Event | None, change: Change) -> list[Record]:
    if old is None or old.state is not State.PENDING:
        return []
    return [_joined(old, change.at, Why.SUPERSEDED)]


def _ranked(new: Event, change: Change) -> Record:
    return _announced("ranked", new, change.at)


def _activated(old: Event, new: Event, change: Change) -> list[Record]:
    if old.state is State.INACTIVE and new.state is not State.INACTIVE:
        return [_announced("activated", new, change.at)]
    return []


def _rewarded(old: Event | None, new: Event, change: Change) -> list[Record]:
    if new.earned is not None and (old is None or _rewards(new) != _rewards(old)):
        return [_announced("rewarded", new, change.at, new.earned)]
    return []


def _rewards(event: Event) -> tuple[Decimal | None, frozenset[str]]:
    """What they come to may stay the same although another reward came."""
    return event.earned, event.reward_keys


def _final(old: Event | None, new: Event, change: Change) -> list[Record]:
    if new.state is not State.FINAL or (old is not None and old.state is State.FINAL):
        return []
    return [_joined(new, new.final_at or change.at, new.why or Why.WAIT)]


def _announced(kind: str, event: Event, at: int, reward: Decimal | None = None) -> Announced:
    return Announced(
        kind, event.key.loop, event.key.event_id, event.uid, at, event.generation, reward
    )


def _joined(event: Event, final_at: int, why: Why) -> Joined:
    return Joined(
        loop=event.key.loop,
        event_id=event.key.event_id,
        uid=event.uid,
        ranked_at=event.ranked_at,
        final_at=final_at,
        reward=event.final_reward,
        observed=event.earned is not None,
        why=why,
        learning_mode=event.learning_mode,
        policy=event.policy,
        generation=event.generation,
        floor=event.floor,
        payload=event.payload,
    )
