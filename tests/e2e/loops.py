"""A loop as a client sees it, and its log as a data scientist does."""

import gzip
import json
import sys
import time
from collections.abc import Callable
from typing import Any

import boto3

from cli.client import Decision
from cli.local import environment, places, stack
from cli.local.loop import Loop
from cli.steps import Problem, run

ACTIONS: list[dict[str, object]] = [{"id": name, "features": [{"name": name}]} for name in "ab"]


def rank(loop: Loop, *, deferred: bool = False) -> Decision:
    return loop.client.rank([{"visitor": "x"}], ACTIONS, deferred=deferred)


def log(loop: Loop) -> dict[str, dict[str, Any]]:
    """Every line of the log, by event id."""
    s3: Any = boto3.client(
        "s3",
        endpoint_url=f"http://127.0.0.1:{loop.port}",
        region_name=environment.REGION,
        aws_access_key_id=environment.ANYONE,
        aws_secret_access_key=environment.ANYONE,
    )
    bucket = loop.outputs["DataBucket"]
    pages = s3.get_paginator("list_objects_v2").paginate(
        Bucket=bucket, Prefix=f"log/loop={loop.name}/"
    )
    lines: dict[str, dict[str, Any]] = {}
    for found in (entry for page in pages for entry in page.get("Contents", [])):
        body = s3.get_object(Bucket=bucket, Key=found["Key"])["Body"].read()
        for line in map(json.loads, gzip.decompress(body).splitlines()):
            assert line["EventId"] not in lines, "trained twice"
            lines[line["EventId"]] = line
    return lines


def command(loop: Loop, name: str) -> str | None:
    """What this command of `loops` printed; None while it fails."""
    variables = environment.of_the_tools(loop.port) | stack.settings(loop.outputs)
    arguments = [sys.executable, "-m", "cli", "loops", name, "--loop", loop.name]
    try:
        return run(arguments, env=variables, cwd=places.ROOT)
    except Problem:
        return None


def eventually[T](seconds: float, look: Callable[[], T | None]) -> T:
    """What `look` finds, as soon as it is something."""
    deadline = time.monotonic() + seconds
    while True:
        if found := look():
            return found
        assert time.monotonic() < deadline, f"nothing after {seconds} s"
        time.sleep(0.3)
