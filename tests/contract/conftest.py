"""Every adapter of a port, under one name: a test that asks for the port runs on all of them."""

from pathlib import Path
from typing import Any

import pytest

from cli.evaluation.folder import Folder
from personalizer.adapters import crt
from personalizer.adapters.ahead import Ahead
from personalizer.adapters.aws import QUICK
from personalizer.adapters.dynamodb import DynamoEvents, DynamoJobs, DynamoKeys, DynamoLoops
from personalizer.adapters.memory import (
    MemoryEvents,
    MemoryKeys,
    MemoryLoops,
    MemoryObjects,
)
from personalizer.adapters.memory_jobs import MemoryJobs
from personalizer.adapters.remembering import Remembering
from personalizer.adapters.s3 import S3Objects
from personalizer.bootstrap.threads import at_once
from personalizer.ports import Events, Jobs, Keys, Loops, Objects, Workbench
from tests import stack
from tests.contract.clients import ReadOver
from tests.template.cloudformation import Template

SHARDS = 4


@pytest.fixture(scope="session")
def dynamodb(aws: None) -> Any:
    return stack.client("dynamodb")


@pytest.fixture(scope="session")
def kinesis(aws: None) -> Any:
    return stack.client("kinesis")


@pytest.fixture(scope="session")
def s3(aws: None) -> Any:
    return stack.client("s3")


@pytest.fixture(scope="session")
def crt_dynamodb(aws_url: str) -> Any:
    """The same DynamoDB over the other transport."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", aws_url)
        return crt.DynamoDB(QUICK)


@pytest.fixture(scope="session")
def crt_s3(aws_url: str, s3: Any) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", aws_url)
        return ReadOver(crt.S3(QUICK), s3)


@pytest.fixture
def events_table(template: Template, aws: None) -> str:
    return stack.make_table(template, "EventsTable")


@pytest.fixture
def loops_table(template: Template, aws: None) -> str:
    return stack.make_table(template, "LoopsTable")


@pytest.fixture
def stream(aws: None) -> str:
    return stack.make_stream()


@pytest.fixture
def bucket(aws: None) -> str:
    return stack.make_bucket("DataBucket")


@pytest.fixture
def dynamo_events(dynamodb: Any, events_table: str) -> DynamoEvents:
    return DynamoEvents(dynamodb, events_table, SHARDS)


@pytest.fixture(params=["memory", "dynamodb", "crt_dynamodb"])
def events(request: pytest.FixtureRequest) -> Events:
    if request.param == "memory":
        return MemoryEvents()
    client, table = map(request.getfixturevalue, (request.param, "events_table"))
    return DynamoEvents(client, table, SHARDS)


@pytest.fixture(params=["memory", "dynamodb", "crt_dynamodb"])
def loops(request: pytest.FixtureRequest) -> Loops:
    if request.param == "memory":
        return MemoryLoops()
    return DynamoLoops(*map(request.getfixturevalue, (request.param, "loops_table")))


@pytest.fixture
def keys(loops: Loops, request: pytest.FixtureRequest) -> Keys:
    """Of the loops that the same test asks for."""
    if isinstance(loops, MemoryLoops):
        return MemoryKeys(loops)
    client = request.node.callspec.params["loops"]
    return DynamoKeys(*map(request.getfixturevalue, (client, "loops_table")))


@pytest.fixture
def jobs(loops: Loops, request: pytest.FixtureRequest) -> Jobs:
    """Of the loops that the same test asks for; nobody waits for them, so that awscrt does not
    speak of them."""
    if isinstance(loops, MemoryLoops):
        return MemoryJobs(loops)
    return DynamoJobs(*map(request.getfixturevalue, ("dynamodb", "loops_table")))


@pytest.fixture(params=["memory", "folder", "s3"])
def workbench(request: pytest.FixtureRequest, tmp_path: Path) -> Workbench:
    match request.param:
        case "memory":
            return MemoryObjects()
        case "folder":
            return Folder(tmp_path)
    found: S3Objects = request.getfixturevalue("s3_objects")
    return found


@pytest.fixture
def s3_objects(s3: Any, bucket: str) -> S3Objects:
    return S3Objects(s3, bucket)


@pytest.fixture(params=["memory", "folder", "remembering", "ahead", "s3", "crt_s3"])
def objects(request: pytest.FixtureRequest, tmp_path: Path) -> Objects:
    match request.param:
        case "memory":
            return MemoryObjects()
        case "folder":
            return Folder(tmp_path)
        case "remembering":
            return Remembering(MemoryObjects())
        case "ahead":
            store = MemoryObjects()
            return Ahead(store, store, at_once)
    return S3Objects(*map(request.getfixturevalue, (request.param, "bucket")))
