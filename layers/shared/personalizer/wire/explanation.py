"""Why a decision of the log was made, as a client reads it."""

from collections.abc import Mapping

import msgspec

from personalizer.domain.explanation import Seen, top
from personalizer.usecases.explain import Candidate, Explained
from personalizer.wire import settings
from personalizer.wire.errors import refused

CODE = "BadRequest"
MOST, DEFAULT_MOST = 1000, 20

_encode = msgspec.json.Encoder().encode


def most(text: str | None) -> int:
    """How many of the features and of the terms to tell, the most influential ones."""
    if text is None:
        return DEFAULT_MOST
    if not (text.isascii() and text.isdecimal()) or not 1 <= int(text) <= MOST:
        raise refused(CODE, "InvalidTop", f"top should be a number from 1 to {MOST}.")
    return int(text)


def response(found: Explained, most: int) -> bytes:
    """`otherTerms` is the sum of those that are not told, so that all of it sums up."""
    return _encode(
        {
            "eventId": found.event_id,
            "uid": found.uid,
            "rankedAt": settings.date(found.ranked_at),
            "generation": found.generation,
            "arguments": found.arguments,
            "rewardActionId": found.candidates[0].id,
            "actions": [_candidate(each, most) for each in found.candidates],
        }
    )


def _candidate(candidate: Candidate, most: int) -> Mapping[str, object]:
    explanation = candidate.explanation
    terms = top(explanation.terms, most)
    others = sum(explanation.terms.values()) - sum(value for _, value in terms)
    return {
        "id": candidate.id,
        "probability": candidate.probability,
        "predictedReward": explanation.predicted,
        "constant": explanation.constant,
        "rest": explanation.rest,
        "features": [{**_seen(s), "score": value} for s, value in top(explanation.shares, most)],
        "terms": [{"features": [*map(_seen, term)], "score": value} for term, value in terms],
        "otherTerms": others,
    }


def _seen(seen: Seen) -> dict[str, object]:
    return {"namespace": seen.namespace, "name": seen.name, "value": seen.value}
