"""A line of somebody's log, read with suspicion: ours, or what Azure left.

Nothing of it is handed on as it is. Decision, cost and features are checked like a request from
outside, so that a line is written anew; of a line that we wrote, that makes the very same bytes.
"""

import hashlib
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec

from personalizer import dsjson
from personalizer.domain import features
from personalizer.domain.decision import Decision
from personalizer.domain.event import LearningMode, Why
from personalizer.domain.features import FeatureError, Tree
from personalizer.domain.foreign import Foreign
from personalizer.domain.hub import Joined
from personalizer.domain.request import Action, Actions, RankRequest
from personalizer.errors import LineRefused, LineSkipped
from personalizer.wire.ids import MAX_ID
from personalizer.wire.rank import MAX_ACTIONS, MAX_PAIRS, trees

MAX_LINE = 4 * 1024 * 1024
TOLERANCE = 1e-3
"""Azure computed its probabilities in 32 bits, and some explorers' do not quite sum to one."""
_UID = re.compile(r"[0-9a-f]{32}")
_GENERATION = re.compile(r"[0-9]{1,12}")


class _Outcome(msgspec.Struct):
    v: Any = None
    taken: bool = msgspec.field(name="ActionTaken", default=False)


class _Model(msgspec.Struct):
    m: str = ""


class _Line(msgspec.Struct):
    """The part that counts; of slots and of continuous actions, no more than that it is there."""

    cost: float | None = msgspec.field(name="_label_cost", default=None)
    probability: float | None = msgspec.field(name="_label_probability", default=None)
    action: int | None = msgspec.field(name="_label_Action", default=None)
    index: int | None = msgspec.field(name="_labelIndex", default=None)
    is_skipped: bool = msgspec.field(name="_skipLearn", default=False)
    slots: Any = msgspec.field(name="_outcomes", default=None)
    continuous: Any = msgspec.field(name="_label_ca", default=None)
    is_deferred: bool = msgspec.field(name="DeferredAction", default=False)
    o: list[_Outcome] = []
    at: datetime | None = msgspec.field(name="Timestamp", default=None)
    event_id: str | int = msgspec.field(name="EventId", default="")
    a: list[int] = []
    c: dict[str, Any] = {}
    p: list[float] = []
    model: _Model = msgspec.field(name="VWState", default_factory=_Model)
    pdrop: float = 0.0
    uid: str = ""
    floor: float = 0.0
    policy: str = ""
    why: Why | None = None
    original_cost: float | None = msgspec.field(name="_original_label_cost", default=None)
    mode: str = ""

    @property
    def is_ours(self) -> bool:
        return bool(_UID.fullmatch(self.uid))

    @property
    def is_apprentice(self) -> bool:
        return self.is_ours and self.mode == LearningMode.APPRENTICE


_decode = msgspec.json.Decoder(_Line).decode


def read(data: bytes, place: str) -> Foreign:
    """Raises LineSkipped or LineRefused."""
    data = data.strip()
    if len(data) > MAX_LINE:
        raise LineRefused(f"longer than {MAX_LINE:,} bytes")
    try:
        found = _decode(data)
    except (ValueError, RecursionError) as error:
        raise LineRefused(f"not such a line: {error}") from error
    _check_kind(found)
    request = _request(found)
    decision = _decision(found, len(request.actions))
    return Foreign(place, _joined(found, data), decision, request)


def _check_kind(line: _Line) -> None:
    if line.slots is not None:
        raise LineSkipped("of several slots")
    if line.continuous is not None:
        raise LineSkipped("of a continuous action")
    if line.is_skipped:
        raise LineSkipped("marked as not to be learned")
    if line.is_deferred and not any(outcome.taken for outcome in line.o):
        raise LineSkipped("never activated")
    if line.cost is None and line.index is None and not line.c:
        raise LineSkipped("no decision")


# ------------------------------------------------------------------------------ what was decided


def _decision(line: _Line, count: int) -> Decision:
    if sorted(line.a) != [*range(1, count + 1)] or len(line.p) != count:
        raise LineRefused("actions and probabilities do not go together")
    if line.index != line.a[0] - 1 or line.action not in (None, line.a[0]):
        raise LineRefused("the label is not of the first action")
    if not all(0 <= p <= 1 for p in line.p) or abs(math.fsum(line.p) - 1) > TOLERANCE:
        raise LineRefused("not probabilities")
    if not 0 <= line.pdrop < 1:
        raise LineRefused("not a share of events that were dropped")
    told = line.p[0] * (1 - line.pdrop)
    if (
        line.p[0] <= 0
        or line.probability is None
        or abs(line.probability - told) > TOLERANCE * told
    ):
        raise LineRefused("the label has another probability than its action")
    return Decision(tuple(number - 1 for number in line.a), tuple(line.p), ())


def _joined(line: _Line, data: bytes) -> Joined:
    if line.at is None:
        raise LineRefused("no time")
    event_id = str(line.event_id)
    if len(event_id) > MAX_ID:
        raise LineRefused("an event id that is too long")
    if not 0 <= line.floor <= 1:
        raise LineRefused("not a floor")
    at = dsjson.milliseconds(line.at if line.at.tzinfo else line.at.replace(tzinfo=UTC))
    observed = any(isinstance(o.v, int | float) and not isinstance(o.v, bool) for o in line.o)
    generation = int(line.model.m) if _GENERATION.fullmatch(line.model.m) else 0
    return Joined(
        loop="",
        event_id=event_id,
        uid=line.uid if line.is_ours else hashlib.sha256(data).hexdigest()[:32],
        ranked_at=at,
        final_at=at,
        reward=_reward(line),
        observed=observed,
        why=line.why or (Why.REWARD if observed else Why.WAIT),
        learning_mode=LearningMode.APPRENTICE if line.is_apprentice else LearningMode.ONLINE,
        policy=line.policy,
        generation=generation,
        floor=line.floor,
        payload=b"",
    )


def _reward(line: _Line) -> Decimal:
    """The cost counts: it is what was learned there, whatever rewards it was made of. What an
    apprentice of ours learned is not what was earned."""
    cost = line.original_cost if line.is_apprentice else line.cost
    if cost is None or not math.isfinite(cost):
        raise LineRefused("no cost")
    earned = 0.0 - cost
    if line.is_ours and line.o and line.o[0].v == earned:
        earned = line.o[0].v  # which may be a zero with a sign
    return Decimal(repr(float(earned)))


# --------------------------------------------------------------------------- what it was decided on


def _request(line: _Line) -> RankRequest:
    found = line.c.get("_multi")
    if not isinstance(found, list) or not 1 <= len(found) <= MAX_ACTIONS:
        raise LineRefused(f"not 1 to {MAX_ACTIONS} actions")
    try:
        context = _trees(line.c, "FromUrl")
        actions = Actions(_action(each, number) for number, each in enumerate(found, 1))
    except FeatureError as error:
        raise LineRefused(error.code) from error
    size = sum(map(features.size, context))
    request = RankRequest(context, size, actions, frozenset(), None, inactive=False)
    if request.pairs > MAX_PAIRS:
        raise LineRefused(f"more than {MAX_PAIRS:,} pairs of features")
    return request


def _action(found: object, number: int) -> Action:
    if not isinstance(found, dict):
        raise LineRefused("an action that is none")
    identity = found.get("i", {})
    if not isinstance(identity, dict):
        raise LineRefused("an action without an identity")
    action_id = str(found.get("_tag") or identity.get("id") or number)
    if len(action_id) > MAX_ID:
        raise LineRefused("an action id that is too long")
    described = _trees({key: value for key, value in found.items() if key != "i"}, "j")
    return Action(action_id, described, sum(map(features.size, described)))


def _trees(found: Mapping[str, Any], usual: str) -> tuple[Tree, ...]:
    """What is under the usual name; and what else there is, as namespaces of their own there."""
    under = found.get(usual) or []
    others = {key: value for key, value in found.items() if key != usual and key[:1] != "_"}
    objects = [*(under if isinstance(under, list) else [under]), *([others] if others else [])]
    return tuple(trees(objects, None))
