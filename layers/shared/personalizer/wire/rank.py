"""Rank: the request as Azure's clients send it, the response as they expect it."""

from functools import lru_cache
from typing import Any

import msgspec

from personalizer.domain import features
from personalizer.domain.decision import Ranking, Reasons
from personalizer.domain.features import FeatureError, Tree
from personalizer.domain.request import Action, Actions, RankRequest
from personalizer.wire.decode import decode
from personalizer.wire.errors import refused
from personalizer.wire.ids import checked

CODE = "InvalidRankRequest"
MAX_ACTIONS = 50
MAX_PAIRS = 10_000_000
"""Policies multiply features with each other: without a bound one request could occupy a processor,
and its training example a trainer. 50 actions may have 440 features each, one action 3,000."""
_CACHED_ACTION, _CACHED_CATALOGUE = 4 * 1024, 64 * 1024
"""In bytes; what is longer is read each time, so that the caches stay small."""
_MOST_ACTIONS, _MOST_CATALOGUES = 2048, 32


class _Rank(msgspec.Struct):
    """As much as is needed to know each part; actions are read on their own if they are new."""

    actions: msgspec.Raw = msgspec.Raw(b"null")
    contextFeatures: list[Any] | None = None  # noqa: N815 - Azure's name
    excludedActions: list[str | int] | None = None  # noqa: N815
    eventId: str | int | None = None  # noqa: N815
    deferActivation: bool | None = None  # noqa: N815
    learningEnabled: bool | None = None  # noqa: N815 - deferActivation's older, opposite name


class _Action(msgspec.Struct):
    id: str | int
    features: list[Any]


_decode_rank = msgspec.json.Decoder(_Rank).decode
_decode_catalogue = msgspec.json.Decoder(list[msgspec.Raw] | None).decode
_decode_action = msgspec.json.Decoder(_Action | None).decode
_encode = msgspec.json.Encoder().encode


def request(body: bytes) -> RankRequest:
    """Raises RequestError for what Azure refuses, and for what would harm the process."""
    raw = decode(_decode_rank, body, CODE)
    try:
        actions = _actions(bytes(raw.actions))
        context = tuple(trees(raw.contextFeatures or [], "ContextFeaturesContainsNull"))
    except FeatureError as error:
        raise refused(CODE, error.code) from error
    found = RankRequest(
        context=context,
        context_size=sum(map(features.size, context)),
        actions=actions,
        excluded=frozenset(map(str, raw.excludedActions or [])),
        event_id=None if raw.eventId is None else checked(str(raw.eventId), CODE, "EmptyEventId"),
        inactive=bool(raw.deferActivation) or raw.learningEnabled is False,
    )
    return _checked(found)


def response(ranking: Ranking) -> bytes:
    answer: dict[str, Any] = {
        "ranking": [{"id": a, "probability": p} for a, p in ranking.actions],
        "eventId": ranking.event_id,
        "rewardActionId": ranking.chosen.id,
    }
    if ranking.reasons is not None:
        answer["inferenceExplanation"] = [*map(_reasons, ranking.reasons)]
    return _encode(answer)


def _reasons(found: Reasons) -> dict[str, object]:
    """A product of features is named as Azure does."""
    scores = [{"name": "^".join(map(str, term)), "score": score} for term, score in found.scores]
    return {"id": found.id, "features": scores}


def _checked(request: RankRequest) -> RankRequest:
    if not request.candidates:
        raise refused(CODE, "NoActionLeft", "At least one action should not be excluded.")
    if request.pairs > MAX_PAIRS:
        raise refused(CODE, "TooManyFeatures", f"More than {MAX_PAIRS:,} pairs of features.")
    return request


def _actions(raw: bytes) -> Actions:
    return _known_catalogue(raw) if len(raw) <= _CACHED_CATALOGUE else _catalogue(raw)


def _catalogue(raw: bytes) -> Actions:
    found = decode(_decode_catalogue, raw, CODE) or []
    if not 1 <= len(found) <= MAX_ACTIONS:
        raise refused(CODE, "ActionCountOutOfBounds")
    return Actions(map(_parsed, map(bytes, found)))


def _parsed(raw: bytes) -> Action:
    if known := _known_actions.get(raw):
        return known
    action = _action(raw)
    if len(raw) <= _CACHED_ACTION:
        if len(_known_actions) == _MOST_ACTIONS:
            _known_actions.clear()
        _known_actions[raw] = action
    return action


def _action(raw: bytes) -> Action:
    found = decode(_decode_action, raw, CODE)
    if found is None:
        raise refused(CODE, "ActionsContainsNull")
    found_trees = tuple(trees(found.features, None))
    if not found_trees and not _has_value(found.features):
        raise refused(CODE, "ActionHasNoNonNullFeatures")
    action_id = checked(str(found.id), CODE, "EmptyActionId")
    return Action(action_id, found_trees, sum([features.size(tree) for tree in found_trees]))


def _has_value(objects: list[Any]) -> bool:
    return any(features.has_value(item) for item in objects if item is not None)


# Catalogues repeat, whole or each time with other parts of something larger: the same bytes give
# the same actions, and what is derived from them is kept too. Actions are all forgotten when they
# become too many: an lru_cache would make those that are always new a tenth dearer to read.
_known_actions: dict[bytes, Action] = {}
_known_catalogue = lru_cache(maxsize=_MOST_CATALOGUES)(_catalogue)


def forget() -> None:
    """All that is kept, as if this process had just begun."""
    _known_actions.clear()
    _known_catalogue.cache_clear()


def trees(objects: list[Any], null: str | None) -> list[Tree]:
    """Feature objects made safe; `null` names the contract's complaint about a null among them."""
    if null and None in objects:
        raise FeatureError(null)
    for item in objects:
        if item is not None and not isinstance(item, dict):
            raise FeatureError("FeaturesNotInKeyValueFormat")
    return [tree for item in objects if item and (tree := features.sanitise(item))]
