"""Evaluations in the version 2022-09-01: one number and its interval, over time."""

from collections.abc import Iterable

import msgspec

from personalizer.domain.evaluation import series
from personalizer.domain.evaluation.job import Job
from personalizer.domain.evaluation.result import EvaluationResult, PolicyResult
from personalizer.domain.evaluation.sums import Sums
from personalizer.wire import settings
from personalizer.wire.errors import refused
from personalizer.wire.evaluations.estimates import (
    Shown,
    beside_azure,
    estimates,
    expected,
    source_of,
)
from personalizer.wire.evaluations.requests import QUERY, Asked

MAX_POINTS = 12_000
"""In an answer, of all policies: each takes time to work out."""

_encode = msgspec.json.Encoder().encode


def shown(job: Job, result: EvaluationResult | None, asked: Asked) -> bytes:
    """Raises RequestError for more points than there may be."""
    content: Shown = {
        "startTime": settings.date(asked.start),
        "endTime": settings.date(asked.end),
        "intervalInMinutes": asked.minutes,
        "value": _policies(result, asked) if result else [],
    }
    return _encode(told(job) | {"content": content} | (beside_azure(result) if result else {}))


def told(job: Job) -> Shown:
    """What is told in lists too."""
    optimal = {"optimalPolicy": job.optimal} if job.optimal else {}
    return (
        common(job)
        | {"evaluationType": "Auto" if job.is_automatic else "Manual"}
        | optimal
        | ({"description": job.reason} if job.reason else {})
    )


def common(job: Job) -> Shown:
    """Of jobs of either kind."""
    return {
        "id": job.id,
        "name": job.name,
        "startTime": settings.date(job.start),
        "endTime": settings.date(job.end),
        "creationTime": settings.date(job.created_at),
        "status": job.status.value,
    }


def _policies(result: EvaluationResult, asked: Asked) -> list[Shown]:
    cut = series.expanding if asked.is_expanding else series.rolling
    parts = [series.within(each.windows, asked.start, asked.end) for each in result.policies]
    curves = [cut(part, asked.size) for part in parts]
    _check_size(sum(map(len, curves)))
    return [
        _policy(policy, result, sum(part.values(), Sums()), curve)
        for policy, part, curve in zip(result.policies, parts, curves, strict=True)
    ]


def _check_size(points: int) -> None:
    if points > MAX_POINTS:
        text = (
            f"That would be {points} points, and may be {MAX_POINTS}: ask for a shorter time, or"
            " for longer intervals."
        )
        raise refused(QUERY, "TooManyPoints", text)


def _policy(
    policy: PolicyResult, result: EvaluationResult, total: Sums, curve: dict[int, Sums]
) -> Shown:
    arguments = {"arguments": policy.arguments} if policy.arguments else {}
    return {
        "name": policy.name,
        **arguments,
        "policySource": source_of(policy.source),
        "summary": expected(total, policy, result),
        "timeseries": {"data": [*_points(policy, result, curve.items())]},
        "estimates": estimates(total, policy, result),
    }


def _points(
    policy: PolicyResult, result: EvaluationResult, curve: Iterable[tuple[int, Sums]]
) -> Iterable[Shown]:
    for at, sums in curve:
        yield {"timeStamp": settings.date(at), **expected(sums, policy, result)}
