"""What functions are made with: settings, clients of AWS, ports, time, new ids."""

import os
import secrets
import string
import time
from functools import cache
from typing import Any

from personalizer.adapters.aws import QUICK, Patience
from personalizer.adapters.dynamodb import DynamoEvents, DynamoJobs, DynamoKeys, DynamoLoops
from personalizer.adapters.s3 import S3Objects
from personalizer.settings import Settings

_ALPHANUMERIC = string.ascii_letters + string.digits


@cache
def settings() -> Settings:
    return Settings.read()


@cache
def quick(service: str) -> Any:
    """A client for what every request pays for, which does not import AWS's SDK."""
    if settings().transport == "boto3":
        return sdk(service, QUICK)
    from personalizer.adapters import crt

    return crt.DynamoDB(QUICK) if service == "dynamodb" else crt.S3(QUICK)


@cache
def sdk(service: str, patience: Patience) -> Any:
    from personalizer.adapters.sdk import client

    return client(service, patience)


def events(client: Any) -> DynamoEvents:
    return DynamoEvents(client, settings().events_table, settings().expiry_shards)


def loops(client: Any) -> DynamoLoops:
    return DynamoLoops(client, settings().loops_table)


def keys(client: Any) -> DynamoKeys:
    return DynamoKeys(client, settings().loops_table)


def jobs(client: Any) -> DynamoJobs:
    return DynamoJobs(client, settings().loops_table)


def objects(client: Any) -> S3Objects:
    return S3Objects(client, settings().data_bucket)


def now() -> int:
    """Epoch milliseconds."""
    return time.time_ns() // 1_000_000


def event_id() -> str:
    """As Azure makes them: 32 hex digits, a dash, five letters or digits."""
    tail = "".join(secrets.choice(_ALPHANUMERIC) for _ in range(5))
    return f"{os.urandom(16).hex()}-{tail}"


def new_uid() -> str:
    return os.urandom(16).hex()
