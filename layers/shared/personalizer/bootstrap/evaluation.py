"""What the function is made of that works on evaluations."""

from functools import cache

from personalizer.adapters.ahead import Ahead
from personalizer.adapters.aws import PATIENT
from personalizer.adapters.dynamodb import DynamoJobs, DynamoLoops
from personalizer.adapters.s3 import S3Objects
from personalizer.adapters.stepfunctions import StepFunctionsRunner
from personalizer.adapters.vw import VwEngine
from personalizer.bootstrap import means
from personalizer.bootstrap.means import new_uid, now, sdk, settings
from personalizer.bootstrap.threads import at_once
from personalizer.usecases.evaluation.adoption import Adoption
from personalizer.usecases.evaluation.apply import ApplyEvaluation
from personalizer.usecases.evaluation.jobs import Evaluations
from personalizer.usecases.evaluation.leftovers import Leftovers
from personalizer.usecases.evaluation.optimise import Optimise
from personalizer.usecases.evaluation.settle import Settle
from personalizer.usecases.evaluation.tasks import Tasks
from personalizer.usecases.evaluation.tend import Tend
from personalizer.usecases.evaluation.watches import Watches
from personalizer.usecases.evaluation.watching import Watching
from personalizer.usecases.models.placing import Placing
from personalizer.usecases.models.pupil import Effort
from personalizer.usecases.training.ledger import RELEARNED_BYTES, RELEARNED_LINES

EFFORT = Effort(4 * RELEARNED_LINES, 4 * RELEARNED_BYTES, 120_000)
"""Nobody waits for what this function applies."""


def tasks() -> Tasks:
    return Tasks(_jobs(), _loops(), _chain(), _objects(), _engine(), _adoption(), now)


def settle() -> Settle:
    return Settle(_jobs(), _runner(), now, settings().evaluation_seconds * 1000)


def tend() -> Tend:
    optimise = Optimise(_evaluations(), _loops(), _objects(), now)
    leftovers = Leftovers(_jobs(), _loops(), _objects(), _runner(), now)
    return Tend(_loops(), leftovers, settle(), optimise, _watching())


def _adoption() -> Adoption:
    objects = _objects()
    placing = Placing(_loops(), objects, _engine(), now, new_uid)
    apply = ApplyEvaluation(_evaluations(), objects, placing, EFFORT)
    return Adoption(_jobs(), _loops(), objects, apply.policy, Watches(objects, objects))


def _evaluations() -> Evaluations:
    return Evaluations(_jobs(), _loops(), _objects(), _objects(), _runner(), now)


def _watching() -> Watching:
    return Watching(_jobs(), _loops(), _chain(), _objects(), _engine(), now, new_uid)


def _jobs() -> DynamoJobs:
    return means.jobs(sdk("dynamodb", PATIENT))


def _loops() -> DynamoLoops:
    return means.loops(sdk("dynamodb", PATIENT))


def _objects() -> S3Objects:
    return means.objects(sdk("s3", PATIENT))


def _chain() -> Ahead:
    """For who follows a loop's commits back, which may be a million."""
    objects = _objects()
    return Ahead(objects, objects, at_once)


def _runner() -> StepFunctionsRunner:
    return StepFunctionsRunner(sdk("stepfunctions", PATIENT), settings().evaluation_machine)


@cache
def _engine() -> VwEngine:
    """One, as it keeps a process for its learner."""
    return VwEngine()
