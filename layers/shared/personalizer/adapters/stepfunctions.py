"""Step Functions runs evaluations: an execution of one state machine for each."""

from typing import TYPE_CHECKING

import msgspec

from personalizer.adapters.aws import Refused, calls
from personalizer.domain.evaluation.job import Job

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions.client import SFNClient

_STARTED = ("ExecutionAlreadyExists",)
_OVER = ("ExecutionDoesNotExist", "ValidationException")


class StepFunctionsRunner:
    """`machine` is the ARN of the state machine."""

    def __init__(self, client: "SFNClient", machine: str):
        self._client = client
        self._machine = machine

    def start(self, job: Job) -> str:
        try:
            with calls("start evaluation", passing=_STARTED):
                self._client.start_execution(
                    stateMachineArn=self._machine,
                    name=job.run,
                    input=msgspec.json.encode(job.ref._asdict()).decode(),
                )
        except Refused:
            pass  # its name is that of the very same job's run
        return job.run

    def stop(self, execution: str) -> None:
        runs = self._machine.replace(":stateMachine:", ":execution:")
        try:
            with calls("stop evaluation", passing=_OVER):
                self._client.stop_execution(executionArn=f"{runs}:{execution}")
        except Refused:
            pass
