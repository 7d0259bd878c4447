"""What an evaluation found, as it lies on the workbench."""

from personalizer.domain import names
from personalizer.domain.evaluation.job import Job
from personalizer.domain.evaluation.result import EvaluationResult, FeatureResult
from personalizer.ports import Workbench
from personalizer.usecases.evaluation import kept


def write(workbench: Workbench, job: Job, result: EvaluationResult | FeatureResult) -> None:
    workbench.write(key(job), kept.packed(result))


def read[T: (EvaluationResult, FeatureResult)](workbench: Workbench, job: Job, form: type[T]) -> T:
    """Raises ObjectMissing or ObjectCorrupt."""
    return kept.unpacked(workbench.read(key(job)), form, key(job))


def key(job: Job) -> str:
    return f"{names.job(job.loop, job.kind, job.id)}result"
