"""Events as DynamoDB items, and back: also how the relay reads the table's stream.

pk  loop#eventId                    st  state: W stub, I inactive, P pending, F final
v   format version                  n   writes so far, for compare-and-set
uid rid t exp ttl p                 what rank stamped: identity, request hash, times, payload
d agg early mode pol gen fl         and settings: default reward, aggregation, ..., floor
r gv                                reward so far; or all rewards, each a time and a value
rk fin why                          their calls' keys, when and why it ended
xb xp                               the sweeper's index; only pending events have it
ab at                               what xb and ttl become when the event is activated
rs act                              a stub's rewards and whether it was activated
"""

from decimal import Decimal
from typing import Any

from personalizer.adapters.aws import Refused
from personalizer.domain import timer
from personalizer.domain.event import (
    Aggregation,
    Event,
    Given,
    Item,
    Key,
    LearningMode,
    Reward,
    State,
    Stub,
    Why,
)

FORMAT = 1
UNREADABLE = (ArithmeticError, KeyError, TypeError, ValueError)
"""What `load` raises for an item that this version did not write."""

type Attributes = dict[str, Any]


def key(event: Key) -> Attributes:
    return {"pk": {"S": f"{event.loop}#{event.event_id}"}}


def to_key(attributes: Attributes) -> Key:
    loop, _, event_id = attributes["pk"]["S"].partition("#")
    return Key(loop, event_id)


def number(value: float | Decimal) -> Attributes:
    # Plain, as emulators of DynamoDB do not add what is written like 1E-9.
    return {"N": f"{value:f}" if isinstance(value, Decimal) else str(value)}


def dump(item: Item, writes: int, shards: int) -> Attributes:
    common = {
        **key(item.key),
        "v": number(FORMAT),
        "n": number(writes),
        "exp": number(item.deadline),
        "ttl": number(timer.time_to_live(item)),
    }
    return common | (_stub(item) if isinstance(item, Stub) else _event(item, shards))


def load(attributes: Attributes) -> Item:
    """Raises one of UNREADABLE."""
    if attributes["v"] != number(FORMAT):
        raise ValueError(f"item of format {attributes['v']}")
    is_stub = attributes["st"]["S"] == State.STUB
    return _load_stub(attributes) if is_stub else _load_event(attributes)


def given(one: Given) -> Attributes:
    """Without names: an event may have a thousand, and an item's size is bounded."""
    return {"L": [number(one.at), number(one.value)]}


def writes(attributes: Attributes) -> int:
    return int(attributes["n"]["N"])


def in_the_way(error: Refused) -> Attributes | None:
    """The item on which a condition failed; None if there is none."""
    return error.answer.get("Item")


def _event(event: Event, shards: int) -> Attributes:
    waiting = timer.bucket(event.key, event.deadline, shards)
    attributes: Attributes = {
        "st": {"S": event.state.value},
        "uid": {"S": event.uid},
        "rid": {"B": event.request_hash},
        "t": number(event.ranked_at),
        "p": {"B": event.payload},
        "d": number(event.default_reward),
        "agg": {"S": event.aggregation.value},
        "early": {"BOOL": event.settles_early},
        "mode": {"S": event.learning_mode.value},
        "pol": {"S": event.policy},
        "gen": number(event.generation),
        "fl": number(event.floor),
        "ab": {"S": waiting},
        "at": number(timer.active_time_to_live(event)),
    }
    if event.state is State.PENDING:
        attributes |= {"xb": {"S": waiting}, "xp": number(event.deadline)}
    if event.reward is not None:
        attributes["r"] = number(event.reward)
    if event.given:
        attributes["gv"] = {"L": [given(one) for one in event.given]}
    if event.reward_keys:
        attributes["rk"] = {"SS": sorted(event.reward_keys)}
    if event.final_at is not None and event.why is not None:
        attributes |= {"fin": number(event.final_at), "why": {"S": event.why.value}}
    return attributes


def _load_event(attributes: Attributes) -> Event:
    return Event(
        key=to_key(attributes),
        uid=attributes["uid"]["S"],
        state=State(attributes["st"]["S"]),
        ranked_at=_int(attributes["t"]),
        deadline=_int(attributes["exp"]),
        request_hash=attributes["rid"]["B"],
        payload=attributes["p"]["B"],
        default_reward=Decimal(attributes["d"]["N"]),
        aggregation=Aggregation(attributes["agg"]["S"]),
        settles_early=attributes["early"]["BOOL"],
        learning_mode=LearningMode(attributes["mode"]["S"]),
        policy=attributes["pol"]["S"],
        generation=_int(attributes["gen"]),
        floor=float(attributes["fl"]["N"]),
        reward=Decimal(attributes["r"]["N"]) if "r" in attributes else None,
        given=_load_given(attributes["gv"]) if "gv" in attributes else (),
        reward_keys=frozenset(attributes.get("rk", {}).get("SS", ())),
        final_at=_int(attributes["fin"]) if "fin" in attributes else None,
        why=Why(attributes["why"]["S"]) if "why" in attributes else None,
    )


def _load_given(attribute: Attributes) -> tuple[Given, ...]:
    pairs = (pair["L"] for pair in attribute["L"])
    return tuple(Given(_int(at), Decimal(value["N"])) for at, value in pairs)


def _stub(stub: Stub) -> Attributes:
    return {
        "st": {"S": State.STUB.value},
        "act": {"BOOL": stub.activated},
        "rs": {"L": [{"M": _reward(reward)} for reward in stub.rewards]},
    }


def _reward(reward: Reward) -> Attributes:
    return {
        "value": number(reward.value),
        "at": number(reward.at),
        "key": {"S": reward.key},
    }


def _load_stub(attributes: Attributes) -> Stub:
    return Stub(
        key=to_key(attributes),
        deadline=_int(attributes["exp"]),
        rewards=tuple(_load_reward(entry["M"]) for entry in attributes["rs"]["L"]),
        activated=attributes["act"]["BOOL"],
    )


def _load_reward(entry: Attributes) -> Reward:
    return Reward(Decimal(entry["value"]["N"]), _int(entry["at"]), entry["key"]["S"])


def _int(attribute: Attributes) -> int:
    return int(attribute["N"])
