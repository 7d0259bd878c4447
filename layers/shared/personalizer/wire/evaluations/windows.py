"""Evaluations in the versions 1.0 and 1.1: sums in windows of time, by Azure's formulas."""

import math
from collections.abc import Iterable, Iterator

import msgspec

from personalizer.domain.evaluation import series
from personalizer.domain.evaluation.gaussian import azure_half_width
from personalizer.domain.evaluation.job import Job, Status
from personalizer.domain.evaluation.result import EvaluationResult, PolicyResult, PolicySource
from personalizer.domain.evaluation.sums import Sums
from personalizer.wire import settings
from personalizer.wire.evaluations.estimates import (
    Shown,
    beside_azure,
    estimates,
    in_part,
    source_of,
)
from personalizer.wire.version import Version

HOUR_MS = 3_600_000
SIZES = {
    "PT5M": HOUR_MS // 12,
    "PT1H": HOUR_MS,
    "PT6H": 6 * HOUR_MS,
    "P1D": 24 * HOUR_MS,
}
"""From the finest on: which is left out first, if there were too many windows in all."""
ESTIMATED = "P1D"
"""Windows of this size have our own estimates too."""
MAX_ROWS = 12_000
"""An answer has at most six million bytes, and a row some three hundred, as estimates have."""

_STATUSES = {
    Status.NOT_SUBMITTED: "notSubmitted",
    Status.RUNNING: "pending",
    Status.SUCCEEDED: "completed",
    Status.FAILED: "failed",
    Status.TIMEOUT: "timeout",
    Status.CANCELED: "failed",
    Status.OPTIMAL_POLICY_APPLIED: "optimalPolicyApplied",
    Status.ONLINE_POLICY_RETAINED: "onlinePolicyRetained",
}
_FIRST_STATUSES = _STATUSES | {
    Status.TIMEOUT: "failed",
    Status.OPTIMAL_POLICY_APPLIED: "completed",
    Status.ONLINE_POLICY_RETAINED: "completed",
}
"""Of version 1.0, which knows fewer."""

_encode = msgspec.json.Encoder().encode


def shown(job: Job, result: EvaluationResult | None, version: Version) -> bytes:
    if result is None:
        return _encode(_told(job, version) | {"policyResults": [], "featureImportance": []})
    rows = _rows_of(job, result)
    policies = [_policy(job, result, each, rows, version) for each in result.policies]
    important = [[*names] for names in result.important]
    return _encode(
        _told(job, version)
        | {"policyResults": policies, "featureImportance": important}
        | beside_azure(result)
    )


def listed(jobs: Iterable[Job], version: Version) -> bytes:
    """Without what they found; of the policies those that were asked for."""
    return _encode([_told(job, version) | {"policyResults": _asked(job, version)} for job in jobs])


def _told(job: Job, version: Version) -> Shown:
    statuses = _STATUSES if version >= Version.V1_1_PREVIEW_1 else _FIRST_STATUSES
    told: Shown = {
        "id": job.id,
        "name": job.name,
        "startTime": settings.date(job.start),
        "endTime": settings.date(job.end),
        "jobId": job.id,
        "status": statuses[job.status],
    }
    if version >= Version.V1_1_PREVIEW_1:
        told |= {
            "evaluationType": "Auto" if job.is_automatic else "Manual",
            "optimalPolicy": job.optimal,
            "creationTime": settings.date(job.created_at),
        }
    return told | ({"description": job.reason} if job.reason else {})


def _asked(job: Job, version: Version) -> list[Shown]:
    source = _source(PolicySource.CUSTOM, version)
    return [{"name": each.name, "arguments": each.arguments, **source} for each in job.policies]


def _rows_of(job: Job, result: EvaluationResult) -> dict[str, range]:
    """The starts of all windows, by their size: of as many sizes as there is room for."""
    begin, chosen, rows = _begin(job, result), dict[str, range](), 0
    for name, size in reversed(SIZES.items()):
        starts = range(series.begin(begin, size), result.until, size)
        rows += len(starts) * len(result.policies) * (2 if name == ESTIMATED else 1)
        if rows > MAX_ROWS:
            break
        chosen[name] = starts
    return dict(reversed(chosen.items()))


def _begin(job: Job, result: EvaluationResult) -> int:
    """Where the job does or, if the log is much younger, with the first event."""
    days = (result.until - job.start) // SIZES["P1D"] + 1
    if 2 * days * len(result.policies) <= MAX_ROWS:
        return job.start
    return min((at for each in result.policies for at in each.windows), default=result.until)


def _policy(
    job: Job,
    result: EvaluationResult,
    policy: PolicyResult,
    rows: dict[str, range],
    version: Version,
) -> Shown:
    is_online = policy.source is PolicySource.ONLINE
    total = _row(policy.total, "PT0S", job.end, is_online=is_online, version=version)
    arguments = {"arguments": policy.arguments} if policy.arguments else {}
    return {
        "name": policy.name,
        **arguments,
        **_source(policy.source, version),
        "summary": [*_summary(result, policy, rows, version)],
        "totalSummary": total | {"estimates": estimates(policy.total, policy, result)},
    }


def _summary(
    result: EvaluationResult, policy: PolicyResult, rows: dict[str, range], version: Version
) -> Iterator[Shown]:
    is_online = policy.source is PolicySource.ONLINE
    for name, starts in rows.items():
        for at, sums in _all(series.rolling(policy.windows, starts.step), starts):
            row = _row(sums, name, at, is_online=is_online, version=version)
            if name == ESTIMATED and sums.events:
                row["estimates"] = in_part(sums, policy, result)
            yield row


def _all(found: dict[int, Sums], starts: range) -> Iterator[tuple[int, Sums]]:
    """The windows without events too."""
    nothing = Sums()
    yield from ((at, found.get(at, nothing)) for at in starts)


def _source(source: PolicySource, version: Version) -> Shown:
    return {"policySource": source_of(source)} if version >= Version.V1_1_PREVIEW_1 else {}


def _row(sums: Sums, window: str, at: int, *, is_online: bool, version: Version) -> Shown:
    """What was served has no doubt about what it earned: its interval is 0."""
    row: Shown = {
        "timeStamp": settings.date(at),
        "ipsEstimatorNumerator": _number(sums.wr),
        "ipsEstimatorDenominator": float(sums.events),
        "snipsEstimatorDenominator": _number(sums.w),
        "aggregateTimeWindow": window,
        "confidenceInterval": 0.0 if is_online else _number(azure_half_width(sums)),
    }
    if not is_online:
        row |= {
            "nonZeroProbability": float(sums.matched),
            "sumOfSquares": _number(sums.wwrr),
        }
    if version >= Version.V1_1_PREVIEW_1:
        row["averageReward"] = _number(sums.ips)
    return row


def _number(value: float) -> float:
    return value if math.isfinite(value) else 0.0
