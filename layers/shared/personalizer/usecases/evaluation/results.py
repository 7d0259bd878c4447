"""What an evaluation found, as it lies on the workbench.

Sums of nothing have infinite extremes, which Python's own JSON can write and read.
"""

import json

import msgspec

from personalizer.domain import names
from personalizer.domain.evaluation.job import Job
from personalizer.domain.evaluation.result import EvaluationResult, FeatureResult
from personalizer.errors import ObjectCorrupt
from personalizer.ports import Workbench


def write(workbench: Workbench, job: Job, result: EvaluationResult | FeatureResult) -> None:
    workbench.write(key(job), json.dumps(msgspec.to_builtins(result)).encode())


def read[T: (EvaluationResult, FeatureResult)](workbench: Workbench, job: Job, form: type[T]) -> T:
    """Raises ObjectMissing or ObjectCorrupt."""
    data = workbench.read(key(job))
    try:
        return msgspec.convert(json.loads(data), form, str_keys=True)
    except ValueError as error:
        raise ObjectCorrupt(f"{key(job)}: {error}") from error


def key(job: Job) -> str:
    return f"{names.job(*job.ref)}result.json"
