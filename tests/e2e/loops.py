"""A loop on a running stack: its API as a client sees it, and its log as a data scientist does."""

import gzip
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import boto3

from cli.demo.client import Client, Decision
from cli.local import environment, key, stack

ACTIONS: list[dict[str, object]] = [{"id": name, "features": [{"name": name}]} for name in "ab"]


@dataclass(frozen=True, slots=True)
class Loop:
    name: str
    key: str
    client: Client
    port: int
    outputs: Mapping[str, str]

    @classmethod
    def make(cls, port: int, *options: str) -> "Loop":
        """A new one on the stack that this port's emulator runs."""
        outputs = stack.outputs(port)
        name = f"test-{uuid4().hex[:8]}"
        made = key.create(port, outputs, "--loop", name, *options)
        return cls(name, made, Client(stack.url(port, outputs), made), port, outputs)

    def rank(self, *, deferred: bool = False) -> Decision:
        return self.client.rank([{"visitor": "x"}], ACTIONS, deferred=deferred)

    def log(self) -> dict[str, dict[str, Any]]:
        """Every line of the log, by event id."""
        s3: Any = boto3.client(
            "s3",
            endpoint_url=f"http://127.0.0.1:{self.port}",
            region_name=environment.REGION,
            aws_access_key_id=environment.ANYONE,
            aws_secret_access_key=environment.ANYONE,
        )
        bucket = self.outputs["DataBucket"]
        pages = s3.get_paginator("list_objects_v2").paginate(
            Bucket=bucket, Prefix=f"log/loop={self.name}/"
        )
        lines: dict[str, dict[str, Any]] = {}
        for found in (entry for page in pages for entry in page.get("Contents", [])):
            body = s3.get_object(Bucket=bucket, Key=found["Key"])["Body"].read()
            for line in map(json.loads, gzip.decompress(body).splitlines()):
                assert line["EventId"] not in lines, "trained twice"
                lines[line["EventId"]] = line
        return lines


def eventually[T](seconds: float, look: Callable[[], T | None]) -> T:
    """What `look` finds, as soon as it is something."""
    deadline = time.monotonic() + seconds
    while True:
        if found := look():
            return found
        assert time.monotonic() < deadline, f"nothing after {seconds} s"
        time.sleep(0.3)
