"""The conditional writes, one for the usual case of each transition in domain.event.

Every condition carries the deadline: an expired item that is still there counts as expired.
"""

from dataclasses import dataclass, field

from personalizer.adapters.dynamodb import items
from personalizer.adapters.dynamodb.items import Attributes, number
from personalizer.domain.event import CLOCK_SKEW_MS, OF_ALL, Aggregation, Given, Reward, State, Why
from personalizer.domain.timer import tombstone_until
from personalizer.domain.transitions import MAX_REWARDS

_OPEN = {":inactive": {"S": State.INACTIVE.value}, ":pending": {"S": State.PENDING.value}}
_ONE = {":one": number(1)}
_AWAKE = "SET st = :pending, xb = ab, xp = exp, #ttl = #at"
"""An event that was inactive now waits where it would have waited from the start."""


@dataclass(frozen=True, slots=True)
class Update:
    """An UpdateItem's expressions. `ttl` and `at` are words that DynamoDB reserves."""

    expression: str
    condition: str
    values: Attributes
    names: dict[str, str] = field(default_factory=lambda: {"#ttl": "ttl"})


def unchanged(found: Attributes | None) -> tuple[str, Attributes]:
    """The condition that an item still is as it was found: by its write counter, and by its
    deadline, since an item that was deleted and made anew counts from one again."""
    if found is None:
        return "attribute_not_exists(pk)", {}
    return "n = :n AND exp = :exp", {":n": found["n"], ":exp": found["exp"]}


def one_of_several(found: Attributes, reward: Reward) -> Update | None:
    """What a reward usually does to such an item; None where it has to be looked at first."""
    aggregation = found.get("agg", {}).get("S")
    if aggregation == Aggregation.SUM:
        return add(reward)
    if aggregation in OF_ALL:
        return append(reward, Aggregation(aggregation))
    return None


def settle(reward: Reward) -> Update:
    """The first reward of an event that settles early: nearly every reward is that."""
    return Update(
        "SET st = :final, r = :reward, fin = :now, why = :why, #ttl = :ttl"
        " ADD n :one REMOVE xb, xp",
        "st IN (:inactive, :pending) AND exp > :now AND early = :true",
        _OPEN
        | _ONE
        | _final(reward.at, Why.REWARD)
        | {":reward": number(reward.value), ":true": {"BOOL": True}},
    )


def add(reward: Reward) -> Update:
    """A reward that adds to those before it, and activates the event."""
    return _one_more(
        f"{_AWAKE} ADD r :reward, rk :keys, n :one",
        reward,
        Aggregation.SUM,
        {":reward": number(reward.value)},
    )


def append(reward: Reward, aggregation: Aggregation) -> Update:
    """A reward that is kept beside those before it, and activates the event."""
    given = items.given(Given(reward.at, reward.value))
    return _one_more(
        f"{_AWAKE}, gv = list_append(if_not_exists(gv, :none), :given) ADD rk :keys, n :one",
        reward,
        aggregation,
        {":given": {"L": [given]}, ":none": {"L": []}},
    )


def activate(now: int) -> Update:
    return Update(
        f"{_AWAKE} ADD n :one",
        "st = :inactive AND exp > :now",
        _OPEN | _ONE | {":now": number(now)},
        {"#ttl": "ttl", "#at": "at"},
    )


def expire(uid: str, now: int) -> Update:
    return Update(
        "SET st = :final, fin = :now, why = :why, #ttl = :ttl ADD n :one REMOVE xb, xp",
        "st = :pending AND exp <= :due AND uid = :uid",
        _ONE
        | _final(now, Why.WAIT)
        | {
            ":pending": {"S": State.PENDING.value},
            ":due": number(now - CLOCK_SKEW_MS),
            ":uid": {"S": uid},
        },
    )


def _one_more(
    expression: str, reward: Reward, aggregation: Aggregation, values: Attributes
) -> Update:
    """One of several rewards of an event, which counts once however often it is written."""
    return Update(
        expression,
        "st IN (:inactive, :pending) AND exp > :now AND early = :false AND agg = :aggregation"
        " AND NOT contains(rk, :key) AND (attribute_not_exists(rk) OR size(rk) < :most)",
        _OPEN
        | _ONE
        | values
        | {
            ":keys": {"SS": [reward.key]},
            ":key": {"S": reward.key},
            ":now": number(reward.at),
            ":false": {"BOOL": False},
            ":most": number(MAX_REWARDS),
            ":aggregation": {"S": aggregation.value},
        },
        {"#ttl": "ttl", "#at": "at"},
    )


def _final(now: int, why: Why) -> Attributes:
    return {
        ":final": {"S": State.FINAL.value},
        ":now": number(now),
        ":why": {"S": why.value},
        ":ttl": number(tombstone_until(now)),
    }
