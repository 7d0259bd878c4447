"""What an evaluation found, as it lies on the workbench: the windows of time, of which there may be
thousands, apart for each policy."""

from collections.abc import Iterator
from dataclasses import replace

from personalizer.domain import names
from personalizer.domain.evaluation.job import Job
from personalizer.domain.evaluation.result import EvaluationResult, FeatureResult, PolicyResult
from personalizer.domain.evaluation.sums import Sums
from personalizer.ports import Workbench
from personalizer.usecases.evaluation import kept


def write(workbench: Workbench, job: Job, result: EvaluationResult | FeatureResult) -> None:
    if isinstance(result, EvaluationResult):
        for place, policy in enumerate(result.policies):
            workbench.write(_windows(job, place), kept.packed(policy.windows))
        outlines = [replace(each, windows={}, whole=each.total) for each in result.policies]
        result = replace(result, policies=tuple(outlines))
    workbench.write(key(job), kept.packed(result))


def evaluation(workbench: Workbench, job: Job) -> EvaluationResult:
    """Raises ObjectMissing or ObjectCorrupt, as all of these."""
    found = outline(workbench, job)
    return replace(found, policies=tuple(_whole(workbench, job, found.policies)))


def outline(workbench: Workbench, job: Job) -> EvaluationResult:
    """Without its windows."""
    return kept.unpacked(workbench.read(key(job)), EvaluationResult, key(job))


def features(workbench: Workbench, job: Job) -> FeatureResult:
    return kept.unpacked(workbench.read(key(job)), FeatureResult, key(job))


def key(job: Job) -> str:
    return f"{names.job(*job.ref)}result"


def _whole(
    workbench: Workbench, job: Job, outlines: tuple[PolicyResult, ...]
) -> Iterator[PolicyResult]:
    for place, policy in enumerate(outlines):
        where = _windows(job, place)
        windows = kept.unpacked(workbench.read(where), dict[int, Sums], where)
        yield replace(policy, windows=windows, whole=None)


def _windows(job: Job, place: int) -> str:
    """Of the policy at this place in the result."""
    return f"{names.job(*job.ref)}windows-{place:03d}"
