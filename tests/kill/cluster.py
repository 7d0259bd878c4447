"""The emulator, the functions' processes, and the proxy between them."""

import json
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cli.local import environment
from personalizer.adapters.dynamodb import DynamoEvents, DynamoLoops
from personalizer.adapters.s3 import S3Audit, S3Objects, S3Quarantine
from tests.e2e import storage
from tests.e2e.lab import Lab
from tests.e2e.storage import Storage
from tests.kill import function, proxy
from tests.kill.function import Function
from tests.kill.proxy import LOOPBACK, Proxy
from tests.kill.sources import Hub, Source, TableStream
from tests.template.cloudformation import Template

FUNCTIONS = ("rank", "reward", "activate", "expire", "relay", "training")
EXPIRY_SHARDS = 1
"""A sweep asks for forty minutes, each in so many calls."""


@dataclass
class Cluster:
    lab: Lab
    proxy: Proxy
    functions: dict[str, Function]
    variables: dict[str, str]
    folder: Path

    @property
    def loops(self) -> DynamoLoops:
        return DynamoLoops(self.lab.client("dynamodb"), self.variables["LOOPS_TABLE"])

    @property
    def events(self) -> DynamoEvents:
        client, table = self.lab.client("dynamodb"), self.variables["EVENTS_TABLE"]
        return DynamoEvents(client, table, EXPIRY_SHARDS)

    @property
    def objects(self) -> S3Objects:
        return S3Objects(self.lab.client("s3"), self.variables["DATA_BUCKET"])

    @property
    def audit(self) -> S3Audit:
        return S3Audit(self.lab.client("s3"), self.variables["DATA_BUCKET"])

    @property
    def quarantine(self) -> S3Quarantine:
        return S3Quarantine(self.lab.client("s3"), self.variables["QUARANTINE_BUCKET"])

    @property
    def stream(self) -> Source:
        table = self.lab.client("dynamodb").describe_table(
            TableName=self.variables["EVENTS_TABLE"]
        )["Table"]
        return TableStream(self.lab.client("dynamodbstreams"), table["LatestStreamArn"])

    @property
    def hub(self) -> Source:
        return Hub(self.kinesis, self.variables["HUB_STREAM"])

    @property
    def kinesis(self) -> Any:
        return Lab(self.folder, self.proxy.kinesis).client("kinesis")

    @property
    def hub_name(self) -> str:
        return self.variables["HUB_STREAM"]

    def quarantined(self, loop: str) -> dict[str, str]:
        """Why each uid was set aside."""
        s3, bucket = self.lab.client("s3"), self.variables["QUARANTINE_BUCKET"]
        found = s3.list_objects_v2(Bucket=bucket, Prefix=f"quarantine/{loop}/").get("Contents", [])
        bodies = {each["Key"]: s3.get_object(Bucket=bucket, Key=each["Key"]) for each in found}
        return {
            Path(key).stem: json.loads(body["Body"].read())["reason"]
            for key, body in bodies.items()
        }


@contextmanager
def opened(folder: Path) -> Iterator[Cluster]:
    with ExitStack() as stack:
        data = stack.enter_context(storage.opened(folder / "emulator", Template.read()))
        between = stack.enter_context(proxy.opened(data.lab.port))
        variables = _variables(data, between.port, folder)
        functions = {
            name: stack.enter_context(function.running(name, variables, folder))
            for name in FUNCTIONS
        }
        yield Cluster(data.lab, between, functions, variables, folder)


def _variables(data: Storage, port: int, folder: Path) -> dict[str, str]:
    """A function's whole environment: nothing of the machine's reaches it."""
    return {
        **data.variables(f"http://{LOOPBACK}:{port}"),
        "EXPIRY_SHARDS": str(EXPIRY_SHARDS),
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "TMPDIR": str(folder),
        **environment.no_account(),
    }
