"""What clients ask of evaluations: to be made, shown, listed, applied."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

import msgspec
from msgspec import Meta

from personalizer.domain.evaluation.job import Named
from personalizer.domain.policy.parser import MAX_CHARACTERS
from personalizer.usecases.evaluation.jobs import Wanted
from personalizer.wire import settings
from personalizer.wire.decode import decode
from personalizer.wire.errors import refused
from personalizer.wire.ids import MAX_ID
from personalizer.wire.version import Version, label

EVALUATION, FEATURES, QUERY = "InvalidEvaluationContract", "InvalidContract", "InvalidRequest"

MINUTE_MS = 60_000
EXPANDING, ROLLING = "Expanding", "Rolling"
INTERVALS = {EXPANDING.lower(): (5,), ROLLING.lower(): (60, 360, 720, 1440)}
MAX_PAGE = 100
_MOST = 2**31 - 1
_WHOLE = re.compile(r"[0-9]{1,10}")
_FILTER = re.compile(
    r"\s*(?:metadata\s*=\s*)?evaluationType\s+eq\s+'(Manual|Auto)'\s*", re.IGNORECASE
)

type Name = Annotated[str, Meta(max_length=MAX_ID)]
type Query = Callable[[str], str | None]
"""Of a request: the value of a parameter, by its name in small letters."""


class _Policy(msgspec.Struct, rename="camel"):
    """With `modelGeneration` that model of the loop is evaluated as it is."""

    name: Name
    arguments: Annotated[str, Meta(max_length=MAX_CHARACTERS)] = ""
    model_generation: Annotated[int, Meta(ge=1, le=_MOST)] | None = None


class _Evaluation(msgspec.Struct, rename="camel"):
    name: Name
    start_time: str
    end_time: str
    policies: list[_Policy]
    enable_offline_experimentation: bool | None = None
    enable_policy_optimization: bool | None = None
    """The name of the same in the contract's last version."""


class _Importance(msgspec.Struct, rename="camel"):
    name: Name
    start_time: str
    end_time: str


class _Reference(msgspec.Struct, rename="camel"):
    evaluation_id: Name
    policy_name: Name


_decode_evaluation = msgspec.json.Decoder(_Evaluation).decode
_decode_importance = msgspec.json.Decoder(_Importance).decode
_decode_reference = msgspec.json.Decoder(_Reference).decode


def evaluation(body: bytes, job_id: str, version: Version) -> Wanted:
    """Raises RequestError; whether there can be such an evaluation is looked at when it is made."""
    sent = decode(_decode_evaluation, body, EVALUATION)
    return Wanted(
        id=job_id,
        name=sent.name,
        start=settings.moment("startTime", sent.start_time, EVALUATION),
        end=settings.moment("endTime", sent.end_time, EVALUATION),
        version=label(version),
        policies=tuple(
            Named(each.name, each.arguments, each.model_generation or 0) for each in sent.policies
        ),
        optimise=bool(sent.enable_offline_experimentation or sent.enable_policy_optimization),
    )


def importance(body: bytes, job_id: str, version: Version) -> Wanted:
    """The same of feature importances."""
    sent = decode(_decode_importance, body, FEATURES)
    start = settings.moment("startTime", sent.start_time, FEATURES)
    end = settings.moment("endTime", sent.end_time, FEATURES)
    return Wanted(job_id, sent.name, start, end, label(version))


def reference(body: bytes) -> tuple[str, str]:
    """The ids of an evaluation and of a policy in it."""
    sent = decode(_decode_reference, body, QUERY)
    return sent.evaluation_id, sent.policy_name


@dataclass(frozen=True, slots=True)
class Asked:
    """The part of an evaluation that is to be shown, in epoch ms, and how its time is cut up."""

    start: int
    end: int
    minutes: int
    is_expanding: bool

    @property
    def size(self) -> int:
        return self.minutes * MINUTE_MS


def asked(query: Query) -> Asked:
    window = (query("window") or EXPANDING).lower()
    minutes = _whole(query, "intervalinminutes", 5)
    if minutes not in INTERVALS.get(window, ()):
        raise refused(QUERY, "IncompatibleIntervalAndWindow")
    start, end = _moment(query, "startTime"), _moment(query, "endTime")
    if start >= end:
        raise refused(QUERY, "InvalidRange", "startTime should be earlier than endTime.")
    return Asked(start, end, minutes, window == EXPANDING.lower())


@dataclass(frozen=True, slots=True)
class Paging:
    """Of a list of jobs: `top` at most, in pages of `size`, the first `skip` left out; only
    automatic ones or only others, unless that is None."""

    top: int
    skip: int
    size: int
    automatic: bool | None


def paging(query: Query) -> Paging:
    return Paging(
        top=_whole(query, "top", _MOST),
        skip=_whole(query, "skip", 0),
        size=max(1, min(MAX_PAGE, _whole(query, "maxpagesize", MAX_PAGE))),
        automatic=_automatic(query("filter")),
    )


def _automatic(text: str | None) -> bool | None:
    if not text:
        return None
    found = _FILTER.fullmatch(text)
    if found is None:
        raise refused(QUERY, "FilterEvaluationsQuery")
    return found[1].lower() == "auto"


def _whole(query: Query, name: str, otherwise: int) -> int:
    text = query(name)
    if text is None:
        return otherwise
    if not _WHOLE.fullmatch(text) or int(text) > _MOST:
        raise refused(QUERY, "InvalidNumber", f"{name} should be a whole number.")
    return int(text)


def _moment(query: Query, name: str) -> int:
    text = query(name.lower())
    if text is None:
        raise refused(QUERY, "MissingParameter", f"{name} is required.")
    return settings.moment(name, text, QUERY)
