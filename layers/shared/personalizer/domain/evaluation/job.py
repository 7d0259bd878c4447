"""A job that reads a loop's log: what was asked for, and how far it came."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from personalizer.domain import names


class JobRef(NamedTuple):
    """Which job it is: once one is deleted, its id may be that of another, made at another time."""

    loop: str
    kind: "Kind"
    id: str
    created_at: int


SETTLING_MS = 5 * 60_000
"""So much later than its reward wait a decision is surely in the log, with all that it earned."""


class Kind(StrEnum):
    EVALUATION = "evaluation"
    FEATURES = "features"
    """Which features matter (Azure's feature importance)."""


class Status(StrEnum):
    NOT_SUBMITTED = "NotSubmitted"
    RUNNING = "Running"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"
    TIMEOUT = "Timeout"
    CANCELED = "Canceled"
    OPTIMAL_POLICY_APPLIED = "OptimalPolicyApplied"
    ONLINE_POLICY_RETAINED = "OnlinePolicyRetained"

    @property
    def is_over(self) -> bool:
        return self not in (Status.NOT_SUBMITTED, Status.RUNNING)

    @property
    def has_result(self) -> bool:
        return self in (
            Status.SUCCEEDED,
            Status.OPTIMAL_POLICY_APPLIED,
            Status.ONLINE_POLICY_RETAINED,
        )


@dataclass(frozen=True, slots=True)
class Named:
    """A policy under its name; the arguments are canonical (domain.policy). With a `generation` it
    is that model of the loop as it is, which learns no more: what it thinks of the log's lines
    before `taught` says nothing, since it may have learned them; 0 if nobody knows which."""

    name: str
    arguments: str
    generation: int = 0
    taught: int = 0

    @property
    def is_unknown(self) -> bool:
        """Whether it may have learned any of the log."""
        return self.generation > 0 and not self.taught


@dataclass(frozen=True, slots=True)
class Job:
    """`start` and `end` bound the time of rank, in epoch ms: a range has its first moment and not
    its last. `optimise`: look for better policies too. `is_automatic`: nobody asked, the loop's
    schedule did. `version`: of the API that it was made with, as in a path. `epoch` was the loop's
    when it was made. `execution` names the run that works on it, once that is started. `optimal` is
    the best policy, once that is known. `reason` says why it failed, in words for people; never
    content of the log.
    """

    loop: str
    kind: Kind
    id: str
    name: str
    start: int
    end: int
    created_at: int
    version: str
    epoch: int
    policies: tuple[Named, ...] = ()
    optimise: bool = False
    is_automatic: bool = False
    status: Status = Status.NOT_SUBMITTED
    execution: str = ""
    optimal: str = ""
    reason: str = ""

    def until(self, reward_wait_ms: int) -> int:
        """Where its range ends for this loop: what was ranked later may yet earn something."""
        return min(self.end, self.created_at - reward_wait_ms - SETTLING_MS)

    def generation(self, policy: str) -> int:
        """The one that a policy's name stands for; 0 for a policy that learns."""
        return next((each.generation for each in self.policies if each.name == policy), 0)

    @property
    def run(self) -> str:
        return names.run(*self.ref)

    @property
    def ref(self) -> JobRef:
        return JobRef(self.loop, self.kind, self.id, self.created_at)
