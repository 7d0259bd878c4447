"""What the functions are made of that act on events when nobody waits for them."""

from personalizer.adapters.aws import PATIENT
from personalizer.adapters.kinesis import KinesisHub
from personalizer.adapters.remembering import Remembering
from personalizer.adapters.s3 import S3Audit, S3Quarantine
from personalizer.bootstrap import means
from personalizer.bootstrap.means import new_uid, now, sdk, settings
from personalizer.bootstrap.threads import at_once
from personalizer.ports import Quarantine
from personalizer.usecases.expire import Expire
from personalizer.usecases.forget import Forget
from personalizer.usecases.relay import Relay
from personalizer.usecases.retention import Retention
from personalizer.usecases.training import Training


def expire() -> Expire:
    return Expire(means.events(sdk("dynamodb", PATIENT)), now, at_once)


def relay() -> Relay:
    told = settings()
    hub = KinesisHub(sdk("kinesis", PATIENT), told.hub_stream, told.hub_lanes)
    audit = S3Audit(sdk("s3", PATIENT), told.data_bucket)
    return Relay(hub, audit, announce=told.hub_announcements)


def training() -> Training:
    from personalizer.adapters.vw import VwEngine  # which not every function has

    loops = means.loops(sdk("dynamodb", PATIENT))
    objects = Remembering(means.objects(sdk("s3", PATIENT)))
    return Training(loops, objects, quarantine(), VwEngine(), now, new_uid)


def retention() -> Retention:
    return Retention(means.loops(sdk("dynamodb", PATIENT)), forget())


def forget() -> Forget:
    s3 = sdk("s3", PATIENT)
    loops, objects = means.loops(sdk("dynamodb", PATIENT)), means.objects(s3)
    audit, aside = S3Audit(s3, settings().data_bucket), quarantine()
    return Forget(loops, objects, objects, audit, aside, now, new_uid, at_once)


def quarantine() -> Quarantine:
    return S3Quarantine(sdk("s3", PATIENT), settings().quarantine_bucket)
