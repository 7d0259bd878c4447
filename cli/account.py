"""The stack in somebody's account, or on this machine: what its outputs name, as the ports."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

from botocore.exceptions import BotoCoreError

from cli.steps import Problem
from personalizer import bootstrap
from personalizer.adapters import sdk
from personalizer.adapters.dynamodb import DynamoEvents, DynamoJobs, DynamoKeys, DynamoLoops
from personalizer.adapters.kinesis import KinesisHub
from personalizer.adapters.kms import KmsSigner
from personalizer.adapters.s3 import S3Audit, S3DeadLetters, S3Objects, S3Quarantine
from personalizer.adapters.stepfunctions import StepFunctionsRunner
from personalizer.errors import NameReserved, PersonalizerError, SlotTaken
from personalizer.usecases.fleet import Fleet
from personalizer.usecases.keys import Keyring


class Account:
    """Finds what it needs in the environment: EVENTS_TABLE and so on, the stack's outputs.

    Raises Problem for a variable that is not set.
    """

    def __init__(self, environment: Mapping[str, str] = os.environ):
        self._environment = environment

    @property
    def events(self) -> DynamoEvents:
        return DynamoEvents(_client("dynamodb"), self._told("EVENTS_TABLE"), shards=1)

    @property
    def loops(self) -> DynamoLoops:
        return DynamoLoops(_client("dynamodb"), self._told("LOOPS_TABLE"))

    @property
    def jobs(self) -> DynamoJobs:
        return DynamoJobs(_client("dynamodb"), self._told("LOOPS_TABLE"))

    @property
    def runner(self) -> StepFunctionsRunner:
        return StepFunctionsRunner(_client("stepfunctions"), self._told("EVALUATION_MACHINE"))

    @property
    def keyring(self) -> Keyring:
        keys = DynamoKeys(_client("dynamodb"), self._told("LOOPS_TABLE"))
        return Keyring(keys, bootstrap.now)

    @property
    def fleet(self) -> Fleet:
        return Fleet(self.loops, self.objects, bootstrap.now)

    @property
    def objects(self) -> S3Objects:
        return S3Objects(_client("s3"), self._told("DATA_BUCKET"))

    @property
    def audit(self) -> S3Audit:
        return S3Audit(_client("s3"), self._told("DATA_BUCKET"))

    @property
    def quarantine(self) -> S3Quarantine:
        return S3Quarantine(_client("s3"), self._told("QUARANTINE_BUCKET"))

    @property
    def dead_letters(self) -> S3DeadLetters:
        return S3DeadLetters(_client("s3"), self._told("QUARANTINE_BUCKET"))

    @property
    def hub(self) -> KinesisHub:
        return KinesisHub(_client("kinesis"), self._told("HUB_STREAM"))

    @property
    def signer(self) -> KmsSigner:
        return KmsSigner(_client("kms"), self._told("MODEL_SIGNING_KEY"))

    def _told(self, name: str) -> str:
        if not (value := self._environment.get(name)):
            raise Problem(f"{name} is not set. It is one of the stack's outputs.")
        return value


@contextmanager
def faults_explained() -> Iterator[None]:
    """What AWS or the product has to say, as a Problem."""
    try:
        yield
    except NameReserved as error:
        raise Problem(f"A loop {error} was deleted; its name is reserved for a while.") from error
    except SlotTaken as error:
        text = f'Slot {error} is taken. "keys rotate" replaces a key.'
        raise Problem(text) from error
    except (ValueError, BotoCoreError, PersonalizerError) as error:
        raise Problem(f"{error}" or type(error).__name__) from error


@cache
def _client(service: Any) -> Any:
    return sdk.client(service)
