"""Every adapter of a port, under one name: a test that asks for the port runs on all of them."""

from typing import Any

import pytest

from personalizer.adapters.dynamodb import DynamoEvents, DynamoKeys, DynamoLoops
from personalizer.adapters.memory import (
    MemoryEvents,
    MemoryKeys,
    MemoryLoops,
    MemoryObjects,
)
from personalizer.adapters.remembering import Remembering
from personalizer.adapters.s3 import S3Objects
from personalizer.ports import Events, Keys, Loops, Objects
from tests import stack
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


@pytest.fixture
def dynamo_loops(dynamodb: Any, loops_table: str) -> DynamoLoops:
    return DynamoLoops(dynamodb, loops_table)


@pytest.fixture(params=["memory", "dynamodb"])
def events(request: pytest.FixtureRequest) -> Events:
    found: Events = _chosen(request, MemoryEvents, "dynamo_events")
    return found


@pytest.fixture(params=["memory", "dynamodb"])
def loops(request: pytest.FixtureRequest) -> Loops:
    found: Loops = _chosen(request, MemoryLoops, "dynamo_loops")
    return found


@pytest.fixture
def keys(loops: Loops, request: pytest.FixtureRequest) -> Keys:
    """Of the loops that the same test asks for."""
    if isinstance(loops, MemoryLoops):
        return MemoryKeys(loops)
    return DynamoKeys(request.getfixturevalue("dynamodb"), request.getfixturevalue("loops_table"))


def _chosen(request: pytest.FixtureRequest, memory: type, fixture: str) -> Any:
    return memory() if request.param == "memory" else request.getfixturevalue(fixture)


@pytest.fixture
def s3_objects(s3: Any, bucket: str) -> S3Objects:
    return S3Objects(s3, bucket)


@pytest.fixture
def remembering() -> Remembering:
    return Remembering(MemoryObjects())


@pytest.fixture(params=["memory", "s3", "remembering"])
def objects(request: pytest.FixtureRequest) -> Objects:
    found: Objects = _chosen(request, MemoryObjects, "s3_objects")
    return found
