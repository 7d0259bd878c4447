"""An emulator of our own with `lab.template.yaml` on it, for tests that ask what it does."""

import base64
import json
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import httpx

from cli.local import emulator, environment, stack

TEMPLATE = Path(__file__).with_name("lab.template.yaml").read_text()

type Record = dict[str, Any]


@dataclass
class Lab:
    state: Path
    port: int
    outputs: dict[str, str] = field(default_factory=dict)

    def client(self, service: str) -> Any:
        return boto3.client(  # type: ignore[call-overload]
            service,
            endpoint_url=f"http://127.0.0.1:{self.port}",
            region_name=environment.REGION,
            aws_access_key_id=environment.ANYONE,
            aws_secret_access_key=environment.ANYONE,
        )

    def deploy(self, template: str = TEMPLATE, **parameters: str) -> None:
        """Without SAM's command line, which takes seconds: the emulator transforms the template."""
        formation = self.client("cloudformation")
        change = formation.update_stack if self.outputs else formation.create_stack
        change(
            StackName="lab",
            TemplateBody=template,
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
            Parameters=[{"ParameterKey": k, "ParameterValue": v} for k, v in parameters.items()],
        )
        described = eventually(lambda: self._finished(formation))
        assert described["StackStatus"].endswith("_COMPLETE"), described
        self.outputs = {o["OutputKey"]: o["OutputValue"] for o in described["Outputs"]}

    @staticmethod
    def _finished(formation: Any) -> Any:
        described = formation.describe_stacks(StackName="lab")["Stacks"][0]
        return None if "PROGRESS" in described["StackStatus"] else described

    @property
    def url(self) -> str:
        return stack.url(self.port, self.outputs)

    def post(self, path: str, **parameters: str) -> Any:
        answer = httpx.post(self.url + path, params=parameters, timeout=30)
        assert answer.status_code == httpx.codes.OK, answer.text
        return answer.json()

    def put_item(self, key: str, **numbers: float) -> None:
        item = {name: {"N": str(number)} for name, number in numbers.items()}
        self.client("dynamodb").put_item(
            TableName=self.outputs["Table"], Item={"pk": {"S": key}, **item}
        )

    def put_record(self, stream: str, data: bytes) -> None:
        self.client("kinesis").put_record(
            StreamName=self.outputs[stream], Data=data, PartitionKey="p"
        )

    def seen_of_item(self, key: str, kind: str = "INSERT") -> list[Record]:
        return [
            record
            for record in self._seen()
            if record.get("dynamodb", {}).get("Keys") == {"pk": {"S": key}}
            and record["eventName"] == kind
        ]

    def seen_of_record(self, data: bytes) -> list[Record]:
        text = base64.b64encode(data).decode()
        return [r for r in self._seen() if r.get("kinesis", {}).get("data") == text]

    def start(self, *things: str) -> str:
        """A run of the machine; returns its ARN."""
        started = self.client("stepfunctions").start_execution(
            stateMachineArn=self.outputs["Steps"], input=json.dumps({"things": things})
        )
        return str(started["executionArn"])

    def status(self, run: str) -> str:
        found = self.client("stepfunctions").describe_execution(executionArn=run)
        return str(found["status"])

    def worked(self, thing: str) -> bool:
        return {"work": thing} in self._seen()

    def _seen(self) -> list[Record]:
        s3, bucket = self.client("s3"), self.outputs["Seen"]
        keys = [o["Key"] for o in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]
        bodies = [s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys]
        return [record for body in bodies for record in json.loads(body)["Records"]]

    def restart(self) -> None:
        emulator.stop(self.state)
        emulator.start(self.state, self.port)


def eventually[T](look: Callable[[], T], seconds: float = 15) -> T:
    """What `look` sees as soon as that is anything; it fails when there is nothing in time."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
