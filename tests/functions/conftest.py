"""The functions in this process, on a stack made from template.yaml."""

import importlib
import json
import logging
import os
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from personalizer import bootstrap, records
from personalizer.adapters.dynamodb import DynamoEvents, DynamoKeys, DynamoLoops, items
from personalizer.adapters.s3 import S3Objects
from personalizer.domain.event import Event, Item, Key
from personalizer.domain.hub import Record
from personalizer.domain.loop import Configuration, Head
from personalizer.usecases import provision
from personalizer.usecases.keys import Keyring
from tests import stack
from tests.template.cloudformation import ROOT, Template

HOT = ["authorize", "rank", "reward", "activate"]
"""What does not call AWS with boto3, and so needs one that listens."""
OTHERS = [
    *("relay", "expire", "training", "retention", "evaluation"),
    *("management", "loops", "provision"),
]
FUNCTIONS = [*HOT, *OTHERS]


def example(name: str) -> dict[str, Any]:
    """The function's event file."""
    return dict(json.loads((ROOT / "events" / f"{name}.json").read_text()))


def call(name: str, loop: str, body: object = None, **changes: Any) -> dict[str, Any]:
    """The function's event file as a caller of this loop would cause it, with this body if any."""
    event = example(name)
    event["requestContext"]["authorizer"]["loop"] = loop
    if body is not None:
        event["body"] = body if isinstance(body, str) else json.dumps(body)
    return event | changes


REQUEST_ID = "aefd16ac-a4f0-4dfb-9d1d-4f7e24e94b4a"


class Context:
    """Of an invocation that may go on for so long."""

    aws_request_id = REQUEST_ID

    def __init__(self, milliseconds: int):
        self._left = milliseconds

    def get_remaining_time_in_millis(self) -> int:
        return self._left


@dataclass(frozen=True)
class Service:
    """Handlers by name, and what they work on."""

    environment: dict[str, str]
    events: DynamoEvents
    loops: DynamoLoops
    objects: S3Objects
    lasting: set[stack.Key] = field(default_factory=set)
    """Of the loops' table: what outlives each single test."""

    def __call__(self, name: str, event: dict[str, Any], milliseconds: int = 900_000) -> Any:
        """The handler's answer; it has so much time."""
        handler = importlib.import_module(f"functions.{name}.app").handler
        return handler(event, Context(milliseconds))

    def new_name(self) -> str:
        """Of no loop, yet."""
        return f"loop-{uuid.uuid4().hex[:8]}"

    def new_loop(self, name: str = "", **settings: Any) -> str:
        loop = name or self.new_name()
        provision.create_loop(self.loops, self.objects, loop, Configuration(**settings))
        return loop

    def keep_loops(self) -> None:
        """Those that there are outlive the test."""
        self.lasting.update(stack.keys(self.environment["LOOPS_TABLE"]))

    def end_loops(self) -> None:
        """With their events: whatever sees to all loops need not see to these any more."""
        stack.sweep(self.environment["LOOPS_TABLE"], self.lasting)
        stack.sweep(self.environment["EVENTS_TABLE"])

    def new_key(self, loop: str) -> str:
        return self.keyring.create(loop)

    def opened(self, key: str) -> dict[str, str] | None:
        """What the authorizer tells the functions of a key; None if it lets nobody in with it."""
        event = example("authorize") | {"headers": {"Ocp-Apim-Subscription-Key": key}}
        try:
            return dict(self("authorize", event)["context"])
        except Exception as refusal:
            if str(refusal) != "Unauthorized":
                raise
            return None

    @property
    def keyring(self) -> Keyring:
        table = self.environment["LOOPS_TABLE"]
        return Keyring(DynamoKeys(stack.client("dynamodb"), table), bootstrap.now)

    def head(self, loop: str) -> Head:
        return self.loops.state(loop, consistent=True).head

    def item(self, loop: str, event_id: str) -> Item | None:
        return self.events.get(Key(loop, event_id))

    def event(self, loop: str, event_id: str) -> Event:
        found = self.item(loop, event_id)
        assert isinstance(found, Event)
        return found

    def image(self, key: Key) -> dict[str, Any]:
        """The event's item, as the table's stream shows it."""
        table, found = self.environment["EVENTS_TABLE"], items.key(key)
        return dict(stack.client("dynamodb").get_item(TableName=table, Key=found)["Item"])

    def written(self, loop: str) -> list[str]:
        """The keys of all of a loop's items."""
        table = self.environment["EVENTS_TABLE"]
        found = stack.client("dynamodb").scan(TableName=table)["Items"]
        return [i["pk"]["S"] for i in found if i["pk"]["S"].startswith(f"{loop}#")]

    def hub(self) -> list[Record]:
        """All that was ever published, oldest first."""
        kinesis, name = stack.client("kinesis"), self.environment["HUB_STREAM"]
        (shard,) = kinesis.list_shards(StreamName=name)["Shards"]
        start = kinesis.get_shard_iterator(
            StreamName=name, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )
        found = kinesis.get_records(ShardIterator=start["ShardIterator"])["Records"]
        return [record for each in found for record in records.unpack(each["Data"])]

    def quarantined(self) -> dict[str, dict[str, Any]]:
        """What was set aside, by its key."""
        s3, bucket = stack.client("s3"), self.environment["QUARANTINE_BUCKET"]
        keys = [each["Key"] for each in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]
        return {
            key: json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read()) for key in keys
        }


class Stdout:
    """Wherever standard output goes at the moment: pytest turns it aside for every test anew."""

    def write(self, text: str) -> None:
        sys.stdout.write(text)


@pytest.fixture(scope="session")
def service(template: Template, aws_url: str) -> Service:
    return serve(template, aws_url)


def serve(template: Template, aws_url: str) -> Service:
    """Once in a process: handlers keep what they were made with."""
    environment = stack.make(template)
    os.environ.update(environment)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", aws_url)
        for name in HOT:
            importlib.import_module(f"functions.{name}.app")
    for name in OTHERS:
        importlib.import_module(f"functions.{name}.app")
    (handler,) = logging.getLogger(environment["POWERTOOLS_SERVICE_NAME"]).handlers
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(Stdout())
    shards = int(environment["EXPIRY_SHARDS"])
    return Service(
        environment,
        DynamoEvents(stack.client("dynamodb"), environment["EVENTS_TABLE"], shards),
        DynamoLoops(stack.client("dynamodb"), environment["LOOPS_TABLE"]),
        S3Objects(stack.client("s3"), environment["DATA_BUCKET"]),
    )


@pytest.fixture(autouse=True)
def no_loop_outlives_its_test(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "service" in request.fixturenames:
        request.getfixturevalue("service").end_loops()


@pytest.fixture
def loop(service: Service) -> str:
    return service.new_loop()


@dataclass
class Said:
    """All that functions have logged and measured."""

    capture: pytest.CaptureFixture[str]
    text: str = ""

    def __str__(self) -> str:
        self.text += self.capture.readouterr().out
        return self.text

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in str(self).splitlines()]

    def metrics(self) -> dict[str, float]:
        """All counts, by name."""
        return {
            metric["Name"]: line[metric["Name"]][0]
            for line in self.lines()
            if "_aws" in line
            for directive in line["_aws"]["CloudWatchMetrics"]
            for metric in directive["Metrics"]
        }


@pytest.fixture
def said(service: Service, capsys: pytest.CaptureFixture[str]) -> Said:
    return Said(capsys)
