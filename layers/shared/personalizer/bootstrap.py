"""Where ports meet adapters: what each function is made of, and nothing that it does not need."""

import os
import secrets
import string
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

import boto3
from botocore.config import Config

from personalizer.adapters.aws import PATIENT, QUICK, SIGNING
from personalizer.adapters.dynamodb import DynamoEvents, DynamoKeys, DynamoLoops
from personalizer.adapters.kinesis import KinesisHub
from personalizer.adapters.kms import KmsSigner
from personalizer.adapters.s3 import S3Audit, S3Links, S3Objects, S3Quarantine
from personalizer.administration import Administration
from personalizer.domain.loop import Configuration
from personalizer.management import Management
from personalizer.management.configuration import ConfigurationOperations
from personalizer.management.logs import LogOperations
from personalizer.management.metrics import MetricOperations
from personalizer.management.model import ModelOperations
from personalizer.management.policy import PolicyOperations
from personalizer.ports import Objects, Quarantine
from personalizer.settings import Settings
from personalizer.usecases.activate import Activate
from personalizer.usecases.agreement import MeasureAgreement
from personalizer.usecases.authorize import Authorize
from personalizer.usecases.configure import Configure
from personalizer.usecases.expire import Expire
from personalizer.usecases.fleet import Fleet
from personalizer.usecases.forget import Forget
from personalizer.usecases.health import MeasureHealth
from personalizer.usecases.keys import Keyring
from personalizer.usecases.logs import Logs
from personalizer.usecases.models.placing import Placing
from personalizer.usecases.provision import create_loop
from personalizer.usecases.rank import Rank
from personalizer.usecases.relay import Relay
from personalizer.usecases.retention import Retention
from personalizer.usecases.reward import RewardEvent
from personalizer.usecases.serving import Serving
from personalizer.usecases.training import Training

THREADS = 16
_ALPHANUMERIC = string.ascii_letters + string.digits


def authorize() -> Authorize:
    return Authorize(_keys(QUICK))


def rank() -> Rank:
    from personalizer.adapters.vw import VwEngine  # which not every function has

    refresh_ms = int(_settings().refresh_seconds * 1000)
    engine, background = VwEngine(), ThreadPoolExecutor(1, "refresh")
    serving = Serving(_loops(QUICK), _objects(QUICK), engine, background, now, refresh_ms)
    return Rank(_events(QUICK), serving, engine, now, event_id, new_uid)


def reward() -> RewardEvent:
    return RewardEvent(_events(QUICK), now, new_uid)


def activate() -> Activate:
    return Activate(_events(QUICK), now)


def expire() -> Expire:
    return Expire(_events(PATIENT), now, at_once)


def relay() -> Relay:
    settings = _settings()
    hub = KinesisHub(_client("kinesis", PATIENT), settings.hub_stream, settings.hub_lanes)
    audit = S3Audit(_client("s3", PATIENT), settings.data_bucket)
    return Relay(hub, audit, announce=settings.hub_announcements)


def training() -> Training:
    from personalizer.adapters.vw import VwEngine

    return Training(_loops(PATIENT), _objects(PATIENT), quarantine(), VwEngine(), now, new_uid)


def retention() -> Retention:
    return Retention(_loops(PATIENT), forget())


def forget() -> Forget:
    s3, settings = _client("s3", PATIENT), _settings()
    objects = S3Objects(s3, settings.data_bucket)
    audit, aside = S3Audit(s3, settings.data_bucket), quarantine()
    return Forget(_loops(PATIENT), objects, objects, audit, aside, now, new_uid, at_once)


def logs() -> Logs:
    return Logs(_loops(PATIENT), _objects(PATIENT))


def management() -> Management:
    from personalizer.adapters.vw import VwEngine

    loops, objects = _loops(PATIENT), _objects(PATIENT)
    placing = Placing(loops, objects, VwEngine(), now, new_uid)
    links = S3Links(_client("s3", SIGNING), _settings().data_bucket)
    return Management(
        ConfigurationOperations(Configure(loops, now)),
        PolicyOperations(loops, objects, now, new_uid),
        ModelOperations(loops, objects, placing, signer(), links, now, new_uid),
        LogOperations(logs(), forget()),
        MetricOperations(MeasureAgreement(loops, objects), MeasureHealth(loops, objects)),
    )


def loops() -> Administration:
    store, keys, objects = _loops(QUICK), _keys(QUICK), _objects(QUICK)
    return Administration(Fleet(store, objects, now), Keyring(keys, now))


def provision() -> Callable[[str], bool]:
    store, objects = _loops(PATIENT), _objects(PATIENT)
    return lambda loop: create_loop(store, objects, loop, Configuration())


def signer() -> KmsSigner:
    return KmsSigner(_client("kms", PATIENT), _settings().model_signing_key)


def quarantine() -> Quarantine:
    return S3Quarantine(_client("s3", PATIENT), _settings().quarantine_bucket)


def at_once[T, R](do: Callable[[T], R], things: Iterable[T]) -> Iterator[R]:
    """Like `map`, with many under way at a time; what one raises waits for the others."""
    with ThreadPoolExecutor(THREADS) as threads:
        running = [threads.submit(do, thing) for thing in things]
    yield from (done.result() for done in running)


def now() -> int:
    """Epoch milliseconds."""
    return time.time_ns() // 1_000_000


def event_id() -> str:
    """As Azure makes them: 32 hex digits, a dash, five letters or digits."""
    tail = "".join(secrets.choice(_ALPHANUMERIC) for _ in range(5))
    return f"{os.urandom(16).hex()}-{tail}"


def new_uid() -> str:
    return os.urandom(16).hex()


def _events(patience: Config) -> DynamoEvents:
    settings = _settings()
    client = _client("dynamodb", patience)
    return DynamoEvents(client, settings.events_table, settings.expiry_shards)


def _loops(patience: Config) -> DynamoLoops:
    return DynamoLoops(_client("dynamodb", patience), _settings().loops_table)


def _keys(patience: Config) -> DynamoKeys:
    return DynamoKeys(_client("dynamodb", patience), _settings().loops_table)


def _objects(patience: Config) -> Objects:
    return S3Objects(_client("s3", patience), _settings().data_bucket)


@cache
def _settings() -> Settings:
    return Settings.read()


@cache
def _client(service: Any, patience: Config) -> Any:
    return boto3.client(service, config=patience)
