"""The log's line: one learned decision, in VW's dsjson.

Labels come before `c`, or VW silently learns nothing. The cost is always the negative reward, so
that `vw` and its tools read the log as it is; what VW does not know, it ignores. What an apprentice
learns is whether it chose as the application did, so its label is that; `_original_label_cost` is
what was earned, in every mode. A line with `_skipLearn` teaches nothing.
"""

from datetime import UTC, datetime

import msgspec

from personalizer.domain.agreement import Agreement
from personalizer.domain.decision import Decision
from personalizer.domain.evaluation.logged import Logged
from personalizer.domain.event import LearningMode, Why
from personalizer.domain.example import Example
from personalizer.domain.health import Choice
from personalizer.domain.hub import Joined


class _Outcome(msgspec.Struct):
    v: float
    EventId: str


class _Model(msgspec.Struct):
    m: str


class _Line(msgspec.Struct, kw_only=True, omit_defaults=True):
    """In the order in which VW's own writer has them, and after that what is ours."""

    cost: float = msgspec.field(name="_label_cost")
    probability: float = msgspec.field(name="_label_probability")
    action: int = msgspec.field(name="_label_Action")
    index: int = msgspec.field(name="_labelIndex")
    skipped: bool = msgspec.field(name="_skipLearn", default=False)
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
    mode: str


class Origin(msgspec.Struct, frozen=True):
    """Which event a line is, when it was ranked, and what made it final."""

    uid: str
    why: Why
    at: datetime = msgspec.field(name="Timestamp")

    @property
    def ranked_at(self) -> int:
        return milliseconds(self.at)


class _Generation(msgspec.Struct, frozen=True):
    m: int


class Service(msgspec.Struct, frozen=True):
    """How a decision was made: the model's generation, and how freely it was explored."""

    model: _Generation = msgspec.field(name="VWState")
    floor: float

    @property
    def generation(self) -> int:
        return self.model.m


class _Trial(msgspec.Struct, frozen=True):
    index: int = msgspec.field(name="_labelIndex")
    original_cost: float = msgspec.field(name="_original_label_cost")
    ranked_at: datetime = msgspec.field(name="Timestamp")


class _Choice(msgspec.Struct, frozen=True):
    a: list[int]
    p: tuple[float, ...]
    original_cost: float = msgspec.field(name="_original_label_cost")
    ranked_at: datetime = msgspec.field(name="Timestamp")


class Told(msgspec.Struct, frozen=True):
    """All of a decision that its line tells: `a` counts candidates from 1, the chosen one first,
    and `p` goes with it."""

    uid: str
    event_id: str = msgspec.field(name="EventId")
    at: datetime = msgspec.field(name="Timestamp")
    a: list[int]
    p: list[float]
    model: _Model = msgspec.field(name="VWState")
    c: msgspec.Raw

    @property
    def generation(self) -> int:
        """Of the model that ranked; 0 where none did."""
        return int(self.model.m)


class _Features(msgspec.Struct, frozen=True):
    c: msgspec.Raw


_COST = b'{"_label_cost":'
_FEATURES = b',"c":'
_PROBABILITIES = b',"p":['
_CONTEXT, _ACTIONS = b',"c":{"FromUrl":', b',"_multi":'
_SKIPPED = b'"_skipLearn":true'
_TIMESTAMP = b'"Timestamp":"'
_APPRENTICE = b',"mode":"Apprentice"}'
_ONLINE = b',"mode":"Online"}'
_encode = msgspec.json.Encoder().encode
_decode_origin = msgspec.json.Decoder(Origin).decode
_decode_service = msgspec.json.Decoder(Service, strict=False).decode
_decode_trial = msgspec.json.Decoder(_Trial).decode
_decode_told = msgspec.json.Decoder(Told).decode
_decode_features = msgspec.json.Decoder(_Features).decode
_decode_choice = msgspec.json.Decoder(_Choice).decode


def line(joined: Joined, example: Example) -> bytes:
    """One event, without the line's end."""
    decision, earned = example.decision, float(joined.reward)
    return _encode(
        _Line(
            cost=0.0 - _taught(joined, decision),  # not a minus alone, which makes -0.0 of 0
            probability=decision.probabilities[0],
            action=decision.order[0] + 1,
            index=decision.order[0],
            skipped=joined.learning_mode is LearningMode.LOGGING_ONLY,
            o=[_Outcome(earned, joined.event_id)] if joined.observed else [],
            Timestamp=timestamp(joined.ranked_at),
            Version="1",
            EventId=joined.event_id,
            a=[index + 1 for index in decision.order],
            c=msgspec.Raw(example.features),
            p=decision.probabilities,
            VWState=_Model(str(joined.generation)),
            original_cost=0.0 - earned,
            uid=joined.uid,
            floor=joined.floor,
            policy=joined.policy,
            why=joined.why.value,
            mode=joined.learning_mode.value,
        )
    )


def _taught(joined: Joined, decision: Decision) -> float:
    """An apprentice is to choose the first of the candidates, which is the application's choice."""
    if joined.learning_mode is LearningMode.APPRENTICE:
        return float(decision.order[0] == 0)
    return float(joined.reward)


def reward(logged: bytes) -> float:
    """What a line that `line` wrote teaches: the reward or, to an apprentice, its success."""
    return -float(logged[len(_COST) : logged.index(b",")])


def skipped(logged: bytes) -> bool:
    """Whether a line is kept, and not to be learned."""
    return logged.endswith(_SKIPPED, 0, logged.find(b',"o":'))


def agreement(logged: bytes) -> Agreement:
    """What a line tells of an apprentice; nothing, if it is none's."""
    if not logged.endswith(_APPRENTICE):
        return Agreement()
    trial = _decode_trial(logged)
    at = milliseconds(trial.ranked_at)
    return Agreement.of(matched=trial.index == 0, reward=0.0 - trial.original_cost, at=at)


def ranked_at(logged: bytes) -> int:
    """When, in epoch ms."""
    start = logged.index(_TIMESTAMP) + len(_TIMESTAMP)
    return milliseconds(datetime.fromisoformat(logged[start : logged.index(b'"', start)].decode()))


def choice(logged: bytes) -> Choice | None:
    """What the model decided; None where it did not, or there was nothing to choose from."""
    if not logged.endswith(_ONLINE):
        return None
    found = _decode_choice(_without_features(logged))
    if len(found.a) < 2:
        return None
    at = milliseconds(found.ranked_at)
    return Choice(found.p, found.a.index(1), 0.0 - found.original_cost, at)


def is_sampled(logged: bytes) -> bool:
    """Whether what was shown was sampled from the probabilities that are logged: it is not an
    apprentice's, nor in LoggingOnly."""
    return logged.endswith(_ONLINE)


def evaluated(logged: bytes) -> Logged | None:
    """The decision as an evaluation sees it; None where it was not sampled."""
    if not is_sampled(logged):
        return None
    found = _decode_choice(_without_features(logged))
    by_position = [0.0] * len(found.a)
    for number, probability in zip(found.a, found.p, strict=True):
        by_position[number - 1] = probability
    at, earned = milliseconds(found.ranked_at), 0.0 - found.original_cost
    return Logged(at, found.a[0] - 1, tuple(by_position), earned)


def told(logged: bytes) -> Told:
    return _decode_told(logged)


def names(logged: bytes, event: str) -> bool:
    """Whether a line is of the event with this id, or this uid."""
    quoted = _encode(event)
    if b'"EventId":' + quoted not in logged and b'"uid":' + quoted not in logged:
        return False  # which is quickly told, and nearly always so
    found = told(logged)
    return event in (found.event_id, found.uid)


def features(logged: bytes) -> bytes:
    """The JSON of the context and the candidates."""
    return bytes(_decode_features(logged).c)


def _without_features(logged: bytes) -> bytes:
    """Most of a line, and slow to read past: within strings, quotes are not as bare as here."""
    end = logged.rindex(_PROBABILITIES)
    return logged[: logged.index(_FEATURES)] + logged[end:]


def context(logged: bytes) -> bytes:
    """Of these the context alone: a list of objects. No key of a client's begins with `_`, so that
    the first of this name is the one that comes after it."""
    start = logged.index(_CONTEXT) + len(_CONTEXT)
    return logged[start : logged.index(_ACTIONS, start)]


def with_features(logged: bytes, new: bytes) -> bytes:
    """The same event, had it been decided on these features."""
    start = logged.index(_FEATURES) + len(_FEATURES)  # nothing a client names comes before it
    return logged[:start] + new + logged[start + len(features(logged)) :]


def origin(logged: bytes) -> Origin:
    return _decode_origin(logged)


def service(logged: bytes) -> Service:
    """Of a line that was decided here."""
    return _decode_service(logged)


def with_cost(logged: bytes, cost: float) -> bytes:
    """The same event as VW shall learn it: with the cost that the policy's range asks for."""
    rest = logged.index(b",", len(_COST))
    return _COST + repr(cost).encode() + logged[rest:]


def milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def timestamp(at: int) -> str:
    moment = datetime.fromtimestamp(at / 1000, UTC)
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")
