"""What the functions are made of that people and operators use."""

from collections.abc import Callable

from personalizer.adapters.aws import PATIENT, QUICK
from personalizer.adapters.kms import KmsSigner
from personalizer.adapters.s3 import S3Links
from personalizer.adapters.stepfunctions import StepFunctionsRunner
from personalizer.administration import Administration
from personalizer.bootstrap import means
from personalizer.bootstrap.background import forget
from personalizer.bootstrap.means import new_uid, now, sdk, settings
from personalizer.domain.loop import Configuration
from personalizer.management import Management
from personalizer.management.configuration import ConfigurationOperations
from personalizer.management.evaluations import EvaluationOperations
from personalizer.management.importances import ImportanceOperations
from personalizer.management.logs import LogOperations
from personalizer.management.metrics import MetricOperations
from personalizer.management.model import ModelOperations
from personalizer.management.policy import PolicyOperations
from personalizer.usecases.agreement import MeasureAgreement
from personalizer.usecases.configure import Configure
from personalizer.usecases.evaluation.apply import ApplyEvaluation
from personalizer.usecases.evaluation.jobs import Evaluations
from personalizer.usecases.evaluation.leftovers import Leftovers
from personalizer.usecases.explain import Explain
from personalizer.usecases.fleet import Fleet
from personalizer.usecases.health import MeasureHealth
from personalizer.usecases.keys import Keyring
from personalizer.usecases.logs import Logs
from personalizer.usecases.models.placing import Placing
from personalizer.usecases.provision import create_loop

MOST_COMMITS = 400
"""What a call can look through, while API Gateway waits for it."""


def management() -> Management:
    from personalizer.adapters.sdk import signing_client
    from personalizer.adapters.vw import VwEngine  # which not every function has

    loops, objects = means.loops(sdk("dynamodb", PATIENT)), means.objects(sdk("s3", PATIENT))
    engine = VwEngine()
    placing = Placing(loops, objects, engine, now, new_uid)
    jobs = evaluations()
    links = S3Links(signing_client("s3"), settings().data_bucket)
    return Management(
        ConfigurationOperations(Configure(loops, now)),
        PolicyOperations(loops, objects, now, new_uid),
        ModelOperations(loops, objects, placing, signer(), links, now, new_uid),
        LogOperations(logs(), forget(), leftovers(), Explain(loops, objects, engine, MOST_COMMITS)),
        MetricOperations(MeasureAgreement(loops, objects), MeasureHealth(loops, objects)),
        EvaluationOperations(jobs, ApplyEvaluation(jobs, objects, placing), new_uid),
        ImportanceOperations(jobs),
    )


def evaluations() -> Evaluations:
    dynamodb, objects = sdk("dynamodb", PATIENT), means.objects(sdk("s3", PATIENT))
    jobs, loops = means.jobs(dynamodb), means.loops(dynamodb)
    return Evaluations(jobs, loops, objects, objects, runner(), now)


def leftovers() -> Leftovers:
    dynamodb, objects = sdk("dynamodb", PATIENT), means.objects(sdk("s3", PATIENT))
    return Leftovers(means.jobs(dynamodb), means.loops(dynamodb), objects, runner(), now)


def runner() -> StepFunctionsRunner:
    return StepFunctionsRunner(sdk("stepfunctions", PATIENT), settings().evaluation_machine)


def loops() -> Administration:
    dynamodb, s3 = sdk("dynamodb", QUICK), sdk("s3", QUICK)
    fleet = Fleet(means.loops(dynamodb), means.objects(s3), now)
    return Administration(fleet, Keyring(means.keys(dynamodb), now))


def provision() -> Callable[[str], bool]:
    store, objects = means.loops(sdk("dynamodb", PATIENT)), means.objects(sdk("s3", PATIENT))
    return lambda loop: create_loop(store, objects, loop, Configuration())


def logs() -> Logs:
    return Logs(means.loops(sdk("dynamodb", PATIENT)), means.objects(sdk("s3", PATIENT)))


def signer() -> KmsSigner:
    return KmsSigner(sdk("kms", PATIENT), settings().model_signing_key)
