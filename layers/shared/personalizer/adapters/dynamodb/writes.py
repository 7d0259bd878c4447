"""The conditional writes, one for the usual case of each transition in domain.event.

Every condition carries the deadline: an expired item that is still there counts as expired.
"""

from dataclasses import dataclass, field

from personalizer.adapters.dynamodb.items import Attributes, number
from personalizer.domain.event import CLOCK_SKEW_MS, Aggregation, Reward, State, Why
from personalizer.domain.timer import tombstone_until
from personalizer.domain.transitions import MAX_REWARDS

_OPEN = {":inactive": {"S": State.INACTIVE.value}, ":pending": {"S": State.PENDING.value}}
_ONE = {":one": number(1)}


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


def sums(found: Attributes) -> bool:
    """Whether rewards of this item are added up."""
    return found.get("agg") == {"S": Aggregation.SUM.value}


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
    return Update(
        "SET st = :pending, xb = ab, xp = exp, #ttl = #at ADD r :reward, rk :keys, n :one",
        "st IN (:inactive, :pending) AND exp > :now AND early = :false AND agg = :sum"
        " AND NOT contains(rk, :key) AND (attribute_not_exists(rk) OR size(rk) < :most)",
        _OPEN
        | _ONE
        | {
            ":reward": number(reward.value),
            ":keys": {"SS": [reward.key]},
            ":key": {"S": reward.key},
            ":now": number(reward.at),
            ":false": {"BOOL": False},
            ":most": number(MAX_REWARDS),
            ":sum": {"S": Aggregation.SUM.value},
        },
        {"#ttl": "ttl", "#at": "at"},
    )


def activate(now: int) -> Update:
    return Update(
        "SET st = :pending, xb = ab, xp = exp, #ttl = #at ADD n :one",
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


def _final(now: int, why: Why) -> Attributes:
    return {
        ":final": {"S": State.FINAL.value},
        ":now": number(now),
        ":why": {"S": why.value},
        ":ttl": number(tombstone_until(now)),
    }
