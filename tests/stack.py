"""AWS in this process, as template.yaml describes it: no key and no index is written twice."""

import uuid
from collections.abc import Iterator, Set
from contextlib import contextmanager
from functools import cache
from typing import Any

from moto.server import ThreadedMotoServer

from personalizer.adapters import sdk
from tests.template.cloudformation import Template

REGION = "us-east-1"


@cache
def client(service: Any) -> Any:
    """To make one takes longer than to use it."""
    return sdk.client(service)


@contextmanager
def listening() -> Iterator[str]:
    """The URL of the same AWS, for clients that moto does not know."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def make_table(template: Template, resource: str) -> str:
    """Returns the name of a new table made like this resource."""
    wanted = template.resources[resource]["Properties"]
    kept = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode")
    name = _unique(resource)
    streams = wanted.get("StreamSpecification")
    client("dynamodb").create_table(
        TableName=name,
        **{key: wanted[key] for key in kept if key in wanted},
        **({"StreamSpecification": {"StreamEnabled": True, **streams}} if streams else {}),
    )
    return name


type Key = tuple[str, ...]
"""Of an item: its partition, and what sorts it there, if anything does."""


def keys(table: str) -> set[Key]:
    """Of all of a table's items."""
    names = _key_names(table)
    found = client("dynamodb").scan(TableName=table)["Items"]
    return {tuple(item[name]["S"] for name in names) for item in found}


def sweep(table: str, kept: Set[Key] = frozenset()) -> None:
    """Remove all other items: moto scans them slowly, and copies them for every transaction."""
    for key in keys(table) - kept:
        parts = zip(_key_names(table), key, strict=True)
        client("dynamodb").delete_item(
            TableName=table, Key={name: {"S": part} for name, part in parts}
        )


@cache
def _key_names(table: str) -> list[str]:
    schema = client("dynamodb").describe_table(TableName=table)["Table"]["KeySchema"]
    return [each["AttributeName"] for each in schema]


def make_stream() -> str:
    name = _unique("HubStream")
    client("kinesis").create_stream(StreamName=name, ShardCount=1)
    return name


def make_bucket(resource: str) -> str:
    name = _unique(resource).lower()
    client("s3").create_bucket(Bucket=name)
    return name


def make_signing_key(template: Template) -> str:
    """Returns the id of a new key made like the template's."""
    wanted = template.resources["ModelSigningKey"]["Properties"]
    made = client("kms").create_key(KeySpec=wanted["KeySpec"], KeyUsage=wanted["KeyUsage"])
    return str(made["KeyMetadata"]["KeyId"])


@cache
def _signing_key(template: Template) -> str:
    """One for all stacks: to make a key takes longer than all the rest of a stack."""
    return make_signing_key(template)


def make_machine() -> str:
    """Returns the ARN of a state machine that does nothing."""
    made = client("stepfunctions").create_state_machine(
        name=_unique("evaluation"),
        definition='{"StartAt": "Nothing", "States": {"Nothing": {"Type": "Succeed"}}}',
        roleArn="arn:aws:iam::123456789012:role/machine",
    )
    return str(made["stateMachineArn"])


def make(template: Template) -> dict[str, str]:
    """The whole stack; returns the environment that the template gives to every function."""
    variables = template.document["Globals"]["Function"]["Environment"]["Variables"]
    made = {
        "EventsTable": make_table(template, "EventsTable"),
        "LoopsTable": make_table(template, "LoopsTable"),
        "HubStream": make_stream(),
        "DataBucket": make_bucket("DataBucket"),
        "QuarantineBucket": make_bucket("QuarantineBucket"),
        "ModelSigningKey": _signing_key(template),
        "${AWS::StackName}-evaluation": make_machine(),
    }
    parameters = {name: each["Default"] for name, each in template.document["Parameters"].items()}
    known = parameters | made
    return {name: _resolved(value, known) for name, value in variables.items()}


def _resolved(value: Any, known: dict[str, Any]) -> str:
    """A reference is looked up; so is what is told by its name in an ARN."""
    if not isinstance(value, dict):
        return str(value)
    name = value["Ref"] if "Ref" in value else value["Fn::Sub"].partition(":stateMachine:")[2]
    return str(known[name])


def _unique(name: str) -> str:
    return f"{name}-{uuid.uuid4().hex[:8]}"
