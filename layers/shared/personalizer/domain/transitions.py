"""Every way in which an event may change.

Each transition is a pure function from what is stored to what should be stored, or None where
nothing changes. Stores apply them atomically; deadlines are enforced here and never by a deletion.
"""

import hashlib
from dataclasses import replace
from decimal import Decimal

from personalizer.domain.event import (
    CLOCK_SKEW_MS,
    OF_ALL,
    Aggregation,
    Event,
    Given,
    Item,
    Key,
    Reward,
    State,
    Stub,
    Why,
)

MAX_REWARDS = 1_000
"""Of one event; each is remembered with it, and an item is bounded."""

EARLY_WINDOW_MS = 120_000
"""How long a reward may precede its rank (Azure joins two minutes backwards)."""


def ranked(found: Item | None, event: Event) -> Event:
    """What is stored after a new rank: `found` itself if it answers the request.

    The same request while the event is live is a retry and gets the stored ranking. A different one
    replaces it: if it was pending, the relay makes it final with the reward it has so far.
    """
    now = event.ranked_at
    if isinstance(found, Event):
        retry = now < found.deadline and found.request_hash == event.request_hash
        return found if retry else replace(event, uid=_another(event.uid, found.uid))
    if found is None or now >= found.deadline:
        return event
    return _merged(event, found)


def rewarded(found: Item | None, key: Key, reward: Reward) -> Item | None:
    """What a reward stores. It activates an inactive event; too late, it changes nothing."""
    if isinstance(found, Event):
        return _event_rewarded(found, reward)
    stub = _stub(found, key, reward.at)
    if len(stub.rewards) == MAX_REWARDS or reward.key in {known.key for known in stub.rewards}:
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


def _another(uid: str, found: str) -> str:
    """A uid for a rank that meets another's event: its own may have been used up.

    A write whose answer was lost is repeated; by then another rank may have taken its place and
    made it final. Under the same uid it would be trained twice.
    """
    return hashlib.sha256(f"{uid}{found}".encode()).hexdigest()[: len(uid)]


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
    if len(event.reward_keys) == MAX_REWARDS or reward.key in event.reward_keys:
        return None
    if event.settles_early:
        return replace(
            event, state=State.FINAL, reward=reward.value, final_at=reward.at, why=Why.REWARD
        )
    kept = _kept(event, reward)
    return replace(kept, state=State.PENDING, reward_keys=event.reward_keys | {reward.key})


def _kept(event: Event, reward: Reward) -> Event:
    if event.aggregation in OF_ALL:
        return replace(event, given=(*event.given, Given(reward.at, reward.value)))
    return replace(event, reward=_aggregated(event, reward.value))


def _aggregated(event: Event, value: Decimal) -> Decimal:
    if event.reward is None:
        return value
    return event.reward if event.aggregation is Aggregation.EARLIEST else event.reward + value
