"""An emulator of our own with what holds data in template.yaml, and without its functions: what a
function under test writes stays where it was put, and nobody's loop learns from it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cli.local import emulator, environment, key
from tests.e2e.lab import Lab, free_port
from tests.template.cloudformation import Template

DATA = ("DataKey", "EventsTable", "LoopsTable", "HubStream", "DataBucket", "QuarantineBucket")


class Storage:
    """The tables, the hub and the buckets, and the loop `default` in them."""

    def __init__(self, lab: Lab, template: Template):
        self.lab = lab
        self.template = template

    def variables(self, url: str) -> dict[str, str]:
        """The environment of every function, if it reaches AWS under this address."""
        told = self.template.document["Globals"]["Function"]["Environment"]["Variables"]
        return {
            **{name: self._resolved(name, value) for name, value in told.items()},
            "AWS_ENDPOINT_URL": url,
            "AWS_DEFAULT_REGION": environment.REGION,
            "AWS_ACCESS_KEY_ID": environment.ANYONE,
            "AWS_SECRET_ACCESS_KEY": environment.ANYONE,
        }

    def new_key(self) -> str:
        return key.create(self.lab.port, self.lab.outputs, "--loop", "default")

    def event(self, event_id: str) -> dict[str, Any]:
        """The item of this event; empty if there is none."""
        answer = self.lab.client("dynamodb").get_item(
            TableName=self.lab.outputs["EventsTable"], Key={"pk": {"S": f"default#{event_id}"}}
        )
        item: dict[str, Any] = answer.get("Item", {})
        return item

    def hub(self) -> list[bytes]:
        """All that was published."""
        kinesis, stream = self.lab.client("kinesis"), self.lab.outputs["HubStream"]
        [shard] = kinesis.list_shards(StreamName=stream)["Shards"]
        start = kinesis.get_shard_iterator(
            StreamName=stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )
        records = kinesis.get_records(ShardIterator=start["ShardIterator"])["Records"]
        return [record["Data"] for record in records]

    def commits(self) -> list[dict[str, Any]]:
        s3, bucket = self.lab.client("s3"), self.lab.outputs["DataBucket"]
        found = s3.list_objects_v2(Bucket=bucket, Prefix="commit/default/").get("Contents", [])
        bodies = [s3.get_object(Bucket=bucket, Key=each["Key"])["Body"] for each in found]
        return [json.loads(body.read()) for body in bodies]

    def _resolved(self, variable: str, value: Any) -> str:
        if _is_ref(value):
            return self.lab.outputs[value["Ref"]]
        return self.lab.outputs[_output(variable)] if _is_computed(value) else value


@contextmanager
def opened(folder: Path, template: Template) -> Iterator[Storage]:
    lab = Lab(folder, free_port())
    emulator.start(lab.state, lab.port)
    try:
        lab.deploy(json.dumps(_data_alone(template)))
        yield Storage(lab, template)
    finally:
        emulator.stop(lab.state)


def _data_alone(template: Template) -> dict[str, Any]:
    """Its outputs are all that a function's environment refers to."""
    told = template.document["Globals"]["Function"]["Environment"]["Variables"]
    names = [value["Ref"] for value in told.values() if _is_ref(value)]
    computed = {_output(n): {"Value": v} for n, v in told.items() if _is_computed(v)}
    return {
        "Parameters": template.document["Parameters"],
        "Conditions": template.document["Conditions"],
        "Resources": {name: template.resources[name] for name in DATA},
        "Outputs": {name: {"Value": {"Ref": name}} for name in names} | computed,
    }


def _is_ref(value: Any) -> bool:
    return isinstance(value, dict) and "Ref" in value


def _is_computed(value: Any) -> bool:
    return isinstance(value, dict) and not _is_ref(value)


def _output(variable: str) -> str:
    """The name of the output that holds what a variable of the environment is computed to."""
    return variable.title().replace("_", "")
