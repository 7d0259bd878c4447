"""A loop as a client sees it, and its log as a data scientist does."""

import gzip
import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
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
    try:
        return _cli(loop, "loops", name)
    except Problem:
        return None


def remember(loop: Loop, folder: Path, decisions: int) -> None:
    """Give the loop a log of so many decisions of yesterday, in which action a earns and b not."""
    yesterday, path = datetime.now(UTC) - timedelta(days=1), folder / "log.dsjson"
    path.write_text("".join(_line(n, yesterday + timedelta(seconds=n)) for n in range(decisions)))
    _cli(loop, "logs", "import", str(path))


def _line(number: int, at: datetime) -> str:
    chosen = number % 2
    line = {
        "_label_cost": -1.0 if chosen == 0 else 0.0,
        "_label_probability": 0.5,
        "_label_Action": chosen + 1,
        "_labelIndex": chosen,
        "Timestamp": at.isoformat().replace("+00:00", "Z"),
        "Version": "1",
        "EventId": f"remembered-{number}",
        "a": [chosen + 1, 2 - chosen],
        "c": {
            "FromUrl": [{"visitor": "x"}],
            "_multi": [{"_tag": name, "j": [{"name": name}]} for name in "ab"],
        },
        "p": [0.5, 0.5],
        "VWState": {"m": "1"},
    }
    return json.dumps(line) + "\n"


def _cli(loop: Loop, part: str, name: str, *arguments: str) -> str:
    variables = environment.of_the_tools(loop.port) | stack.settings(loop.outputs)
    words = [sys.executable, "-m", "cli", part, name, "--loop", loop.name, *arguments]
    return run(words, env=variables, cwd=places.ROOT)


def eventually[T](seconds: float, look: Callable[[], T | None]) -> T:
    """What `look` finds, as soon as it is something."""
    deadline = time.monotonic() + seconds
    while True:
        if found := look():
            return found
        assert time.monotonic() < deadline, f"nothing after {seconds} s"
        time.sleep(0.3)
