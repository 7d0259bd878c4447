"""The life of an event: what it is, and every way it may change.

Each transition is a pure function from what is stored to what should be stored, or None where
nothing changes. Stores apply them atomically; deadlines are enforced here and never by a deletion.
"""

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

EARLY_WINDOW_MS = 120_000
"""How long a reward may precede its rank (Azure joins two minutes backwards)."""

CLOCK_SKEW_MS = 2_000
"""How far apart the clocks of two functions may be."""


class State(StrEnum):
    STUB = "W"
    INACTIVE = "I"
    PENDING = "P"
    FINAL = "F"


class Aggregation(StrEnum):
    EARLIEST = "earliest"
    SUM = "sum"


class Why(StrEnum):
    """What made an event final."""

    REWARD = "reward"
    WAIT = "wait"
    TTL = "ttl"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class Key:
    loop: str
    event_id: str


@dataclass(frozen=True, slots=True)
class Reward:
    """Decimal, so that sums are exact and do not depend on their order.

    `key` is the caller's idempotency key, or one made for this call: a write that is repeated
    because its answer was lost must not count twice.
    """

    value: Decimal
    at: int
    key: str


@dataclass(frozen=True, slots=True)
class Event:
    """One decision. Times are epoch milliseconds; what rank stamps here, no later setting changes.

    `payload` is the decision and its features, packed; `request_hash` tells a retry from a reuse of
    the id; `settles_early`: the first reward makes the event final, without waiting for more.
    """

    key: Key
    uid: str
    state: State
    ranked_at: int
    deadline: int
    request_hash: bytes
    payload: bytes
    default_reward: Decimal
    aggregation: Aggregation
    settles_early: bool
    learning_mode: str
    policy: str
    generation: int
    floor: float
    reward: Decimal | None = None
    reward_keys: frozenset[str] = frozenset()
    final_at: int | None = None
    why: Why | None = None

    @property
    def final_reward(self) -> Decimal:
        return self.default_reward if self.reward is None else self.reward


@dataclass(frozen=True, slots=True)
class Stub:
    """What arrived for an event before its rank did."""

    key: Key
    deadline: int
    rewards: tuple[Reward, ...] = ()
    activated: bool = False


type Item = Event | Stub


def ranked(found: Item | None, event: Event) -> Event:
    """What is stored after a new rank: `found` itself if it answers the request.

    The same request while the event is live is a retry and gets the stored ranking. A different one
    replaces it: if it was pending, the relay makes it final with the reward it has so far.
    """
    now = event.ranked_at
    if isinstance(found, Event):
        retry = now < found.deadline and found.request_hash == event.request_hash
        return found if retry else event
    if found is None or now >= found.deadline:
        return event
    return _merged(event, found)


def rewarded(found: Item | None, key: Key, reward: Reward) -> Item | None:
    """What a reward stores. It activates an inactive event; too late, it changes nothing."""
    if isinstance(found, Event):
        return _event_rewarded(found, reward)
    stub = _stub(found, key, reward.at)
    if reward.key in {earlier.key for earlier in stub.rewards}:
        return None
    return replace(stub, rewards=(*stub.rewards, reward))


def activated(found: Item | None, key: Key, now: int) -> Item | None:
    """What an activation stores: only an inactive event in time, or a stub, changes."""
    if isinstance(found, Event):
        if found.state is State.INACTIVE and now < found.deadline:
            return replace(found, state=State.PENDING)
        return None
    return replace(_stub(found, key, now), activated=True)


def expired(found: Item | None, uid: str, now: int) -> Event | None:
    """What the end of the wait stores: the reward so far or, without any, the default stands."""
    if not isinstance(found, Event) or found.uid != uid or found.state is not State.PENDING:
        return None
    if now < found.deadline + CLOCK_SKEW_MS:
        return None
    return replace(found, state=State.FINAL, final_at=now, why=Why.WAIT)


def _stub(found: Stub | None, key: Key, now: int) -> Stub:
    if found is None or now >= found.deadline:
        return Stub(key, now + EARLY_WINDOW_MS)
    return found


def _merged(event: Event, stub: Stub) -> Event:
    if stub.activated:
        event = replace(event, state=State.PENDING)
    for reward in stub.rewards:
        event = _event_rewarded(event, replace(reward, at=event.ranked_at)) or event
    return event


def _event_rewarded(event: Event, reward: Reward) -> Event | None:
    if event.state not in (State.INACTIVE, State.PENDING) or reward.at >= event.deadline:
        return None
    if reward.key in event.reward_keys:
        return None
    if event.settles_early:
        return replace(
            event, state=State.FINAL, reward=reward.value, final_at=reward.at, why=Why.REWARD
        )
    return replace(
        event,
        state=State.PENDING,
        reward=_aggregated(event, reward.value),
        reward_keys=event.reward_keys | {reward.key},
    )


def _aggregated(event: Event, value: Decimal) -> Decimal:
    if event.reward is None:
        return value
    return event.reward if event.aggregation is Aggregation.EARLIEST else event.reward + value
