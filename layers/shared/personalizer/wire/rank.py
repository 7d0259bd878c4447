"""Rank: the request as Azure's clients send it, the response as they expect it."""

from functools import lru_cache
from typing import Any

import msgspec

from personalizer.domain import features
from personalizer.domain.features import FeatureError, Tree
from personalizer.domain.request import Action, RankRequest
from personalizer.errors import RequestError
from personalizer.usecases.rank import Ranking
from personalizer.wire.decode import decode
from personalizer.wire.errors import refused

CODE = "InvalidRankRequest"
MAX_ACTIONS = 50
MAX_ID = 256
MAX_FEATURES = 10_000
"""Interactions multiply features: without a bound one request could occupy a processor."""
_CACHED_ACTION = 4096
"""Longer actions (in bytes) are parsed each time, so that the cache stays small."""


class _Rank(msgspec.Struct):
    """As much as is needed to know each part; actions are read on their own (see `_action`)."""

    actions: list[msgspec.Raw] | None = None
    contextFeatures: list[Any] | None = None  # noqa: N815 - Azure's name
    excludedActions: list[str | int] | None = None  # noqa: N815
    eventId: str | int | None = None  # noqa: N815
    deferActivation: bool | None = None  # noqa: N815
    learningEnabled: bool | None = None  # noqa: N815 - deferActivation's older, opposite name


class _Action(msgspec.Struct):
    id: str | int
    features: list[Any]


_decode_rank = msgspec.json.Decoder(_Rank).decode
_decode_action = msgspec.json.Decoder(_Action | None).decode
_encode = msgspec.json.Encoder().encode


def request(body: bytes) -> RankRequest:
    """Raises RequestError for what Azure refuses, and for what would harm the process."""
    raw = decode(_decode_rank, body, CODE)
    if not 1 <= len(raw.actions or []) <= MAX_ACTIONS:
        raise refused(CODE, "ActionCountOutOfBounds")
    try:
        actions = tuple(_parsed(bytes(action)) for action in raw.actions or [])
        context = tuple(_trees(raw.contextFeatures or [], "ContextFeaturesContainsNull"))
    except FeatureError as error:
        raise refused(CODE, error.code) from error
    found = RankRequest(
        context=context,
        context_size=sum(map(features.size, context)),
        actions=actions,
        excluded=frozenset(map(str, raw.excludedActions or [])),
        event_id=_event_id(raw.eventId),
        inactive=bool(raw.deferActivation) or raw.learningEnabled is False,
    )
    return _checked(found)


def response(ranking: Ranking) -> bytes:
    return _encode(
        {
            "ranking": [{"id": a.id, "probability": a.probability} for a in ranking.actions],
            "eventId": ranking.event_id,
            "rewardActionId": ranking.chosen.id,
        }
    )


def _checked(request: RankRequest) -> RankRequest:
    if not request.candidates:
        raise refused(CODE, "NoActionLeft", "At least one action should not be excluded.")
    if request.context_size + sum(action.size for action in request.actions) > MAX_FEATURES:
        raise refused(CODE, "TooManyFeatures", f"More than {MAX_FEATURES} features.")
    return request


def _parsed(raw: bytes) -> Action:
    return _cached_action(raw) if len(raw) <= _CACHED_ACTION else _action(raw)


def _action(raw: bytes) -> Action:
    found = decode(_decode_action, raw, CODE)
    if found is None:
        raise refused(CODE, "ActionsContainsNull")
    trees = tuple(_trees(found.features, None))
    if not any(features.has_value(f) for f in found.features if f is not None):
        raise refused(CODE, "ActionHasNoNonNullFeatures")
    action_id = _id(found.id, "EmptyActionId")
    return Action(action_id, trees, sum(map(features.size, trees)))


# Catalogues repeat: the same bytes give the same Action, and what is derived from it is kept too.
_cached_action = lru_cache(maxsize=2048)(_action)


def _trees(objects: list[Any], null: str | None) -> list[Tree]:
    """Feature objects made safe; `null` names the contract's complaint about a null among them."""
    if null and any(item is None for item in objects):
        raise FeatureError(null)
    present = [item for item in objects if item is not None]
    if not all(isinstance(item, dict) for item in present):
        raise FeatureError("FeaturesNotInKeyValueFormat")
    return [tree for item in present if (tree := features.sanitise(item))]


def _event_id(given: str | int | None) -> str | None:
    return None if given is None else _id(given, "EmptyEventId")


def _id(given: str | int, empty: str) -> str:
    identity = str(given)
    if not identity:
        raise refused(CODE, empty)
    if len(identity) > MAX_ID:
        raise refused(CODE, "IdTooLong", f"Ids should have at most {MAX_ID} characters.")
    return identity


__all__ = ["RequestError", "request", "response"]
