"""The log's line: one learned decision, in VW's dsjson.

Labels come before `c`, or VW silently learns nothing. The cost is always the negative reward, so
that `vw` and its tools read the log as it is; what VW does not know, it ignores.
"""

from datetime import UTC, datetime

import msgspec

from personalizer.domain.event import Why
from personalizer.domain.example import Example
from personalizer.domain.hub import Joined


class _Outcome(msgspec.Struct):
    v: float
    EventId: str


class _Model(msgspec.Struct):
    m: str


class _Line(msgspec.Struct):
    """In the order in which VW's own writer has them, and after that what is ours."""

    cost: float = msgspec.field(name="_label_cost")
    probability: float = msgspec.field(name="_label_probability")
    action: int = msgspec.field(name="_label_Action")
    index: int = msgspec.field(name="_labelIndex")
    o: list[_Outcome]
    Timestamp: str
    Version: str
    EventId: str
    a: list[int]
    c: msgspec.Raw
    p: tuple[float, ...]
    VWState: _Model
    original_cost: float = msgspec.field(name="_original_label_cost")
    uid: str
    floor: float
    policy: str
    why: str


class Origin(msgspec.Struct, frozen=True):
    """Which event a line is, when it was ranked, and what made it final."""

    uid: str
    why: Why
    at: datetime = msgspec.field(name="Timestamp")

    @property
    def ranked_at(self) -> int:
        return milliseconds(self.at)


_COST = b'{"_label_cost":'
_encode = msgspec.json.Encoder().encode
_decode_origin = msgspec.json.Decoder(Origin).decode


def line(joined: Joined, example: Example) -> bytes:
    """One event, without the line's end."""
    decision, earned = example.decision, float(joined.reward)
    cost = 0.0 - earned  # not -reward, which for 0 is -0.0
    return _encode(
        _Line(
            cost=cost,
            probability=decision.probabilities[0],
            action=decision.order[0] + 1,
            index=decision.order[0],
            o=[_Outcome(earned, joined.event_id)] if joined.observed else [],
            Timestamp=timestamp(joined.ranked_at),
            Version="1",
            EventId=joined.event_id,
            a=[index + 1 for index in decision.order],
            c=msgspec.Raw(example.features),
            p=decision.probabilities,
            VWState=_Model(str(joined.generation)),
            original_cost=cost,
            uid=joined.uid,
            floor=joined.floor,
            policy=joined.policy,
            why=joined.why.value,
        )
    )


def reward(logged: bytes) -> float:
    """The reward of a line that `line` wrote."""
    return -float(logged[len(_COST) : logged.index(b",")])


def origin(logged: bytes) -> Origin:
    return _decode_origin(logged)


def with_cost(logged: bytes, cost: float) -> bytes:
    """The same event as VW shall learn it: with the cost that the policy's range asks for."""
    rest = logged.index(b",", len(_COST))
    return _COST + repr(cost).encode() + logged[rest:]


def milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def timestamp(at: int) -> str:
    moment = datetime.fromtimestamp(at / 1000, UTC)
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")
