"""Evaluations as a loop's owner sees them: made, looked at, deleted. What they find is worked out
by a run beside the request; a request that is refused has changed nothing."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from personalizer.domain import names, policy
from personalizer.domain.commit import Source
from personalizer.domain.evaluation.job import Job, Kind, Named, Status
from personalizer.domain.evaluation.result import (
    BASELINE,
    ONLINE,
    RANDOM,
    EvaluationResult,
    FeatureResult,
)
from personalizer.domain.loop import LoopState
from personalizer.errors import (
    GenerationNotFound,
    JobExists,
    JobNotFound,
    JobRefused,
)
from personalizer.ports import Jobs, Loops, Objects, Runner, Workbench
from personalizer.usecases import chain
from personalizer.usecases.evaluation import results, settle

MAX_POLICIES = 10
"""That are not found but given."""
MOST_AT_ONCE = 5
"""Of a loop, evaluations of both kinds that are not over."""
RESERVED = frozenset(name.lower() for name in (ONLINE, BASELINE, RANDOM))


@dataclass(frozen=True, slots=True)
class Wanted:
    """An evaluation that is asked for. Of a policy the arguments are as they were sent; with a
    generation they do not matter. `version` is the API's, as in a path."""

    id: str
    name: str
    start: int
    end: int
    version: str
    policies: tuple[Named, ...] = ()
    optimise: bool = False
    is_automatic: bool = False


class Evaluations:
    """`clock` gives epoch ms."""

    def __init__(
        self,
        jobs: Jobs,
        loops: Loops,
        objects: Objects,
        workbench: Workbench,
        runner: Runner,
        clock: Callable[[], int],
    ):
        self._jobs = jobs
        self._loops = loops
        self._objects = objects
        self._workbench = workbench
        self._runner = runner
        self._clock = clock

    def create(self, loop: str, kind: Kind, wanted: Wanted) -> Job:
        """Have it worked on. Raises JobRefused, JobExists, PolicyRefused, LoopNotFound."""
        job = self._checked(self._loops.state(loop, consistent=True), kind, wanted)
        self._check_room(job)
        if not self._jobs.create(job):
            raise JobExists(kind, job.id)
        try:
            self._check_room(job)  # others came at the same time: rather none than too many
            execution = self._runner.start(job)
        except Exception:
            self._jobs.delete(loop, kind, job.id)
            raise
        return self._running(job, execution)

    def get(self, loop: str, kind: Kind, job_id: str) -> Job:
        """Raises JobNotFound."""
        job = self._jobs.get(loop, kind, job_id)
        if job is None:
            raise JobNotFound(kind)
        return job

    def of(self, loop: str, kind: Kind) -> Sequence[Job]:
        """Newest first."""
        return self._jobs.of(loop, kind)

    def delete(self, loop: str, kind: Kind, job_id: str) -> None:
        """It and all that it has made; what works on it ends. Raises JobNotFound.

        The job itself goes last, so that whoever died in between can do it again.
        """
        job = self.get(loop, kind, job_id)
        if not job.status.is_over and job.execution:
            self._runner.stop(job.execution)
        self._workbench.delete(self._workbench.keys(names.job(*job.ref)))
        self._jobs.delete(loop, kind, job_id)

    def evaluated(self, job: Job) -> EvaluationResult | None:
        """What it found; None before it came to an end. Raises ObjectMissing or ObjectCorrupt."""
        return results.evaluation(self._workbench, job) if job.status.has_result else None

    def outline(self, job: Job) -> EvaluationResult | None:
        """The same without windows of time."""
        return results.outline(self._workbench, job) if job.status.has_result else None

    def scored(self, job: Job) -> FeatureResult | None:
        """The same of one that is about features."""
        return results.features(self._workbench, job) if job.status.has_result else None

    def _checked(self, state: LoopState, kind: Kind, wanted: Wanted) -> Job:
        if wanted.start >= wanted.end:
            rule, text = "InvalidDateTimesInEvaluationContract", "startTime must be before endTime."
            raise JobRefused(kind, rule, text)
        _check_names(kind, [each.name for each in wanted.policies])
        job = Job(
            loop=state.head.loop,
            kind=kind,
            id=wanted.id,
            name=wanted.name,
            start=wanted.start,
            end=wanted.end,
            created_at=self._clock(),
            version=wanted.version,
            epoch=state.head.epoch,
            policies=tuple(self._policy(state, kind, each) for each in wanted.policies),
            optimise=wanted.optimise,
            is_automatic=wanted.is_automatic,
        )
        _check_range(job, state)
        return job

    def _check_room(self, job: Job) -> None:
        known = (each for kind in Kind for each in self._jobs.of(job.loop, kind))
        others = sum(not each.status.is_over and each.ref != job.ref for each in known)
        if others >= MOST_AT_ONCE:
            text = f"{others} evaluations of this loop are not over: wait for one, or delete one."
            raise JobRefused(job.kind, "TooManyEvaluations", text)

    def _policy(self, state: LoopState, kind: Kind, sent: Named) -> Named:
        if not sent.generation:
            return replace(sent, arguments=policy.canonical(sent.arguments))
        try:
            commit = chain.find(self._objects, state.head.commit, sent.generation)
        except GenerationNotFound as error:
            raise JobRefused(kind, "ModelGenerationNotFound", f"{error}.") from error
        from_elsewhere = commit.source is Source.IMPORTED
        taught = 0 if from_elsewhere else commit.first_line + commit.trained
        return replace(sent, arguments=commit.arguments, taught=taught)

    def _running(self, job: Job, execution: str) -> Job:
        """With its run, whose first task may have been faster than this."""
        found: Job | None = job
        while found is not None and found.execution != execution:
            status = Status.RUNNING if found.status is Status.NOT_SUBMITTED else found.status
            known = replace(found, status=status, execution=execution)
            if self._jobs.replace(found, known):
                return known
            found = settle.present(self._jobs, job.ref)
        if found is None:  # somebody deleted it, and did not know of the run
            self._runner.stop(execution)
        return found or replace(job, execution=execution)


def _check_names(kind: Kind, given: Sequence[str]) -> None:
    if len(given) > MAX_POLICIES:
        text = f"A maximum of {MAX_POLICIES} custom policies are allowed"
        raise JobRefused(kind, "MaximumEvaluationCustomPoliciesExceeded", text)
    if max(Counter(given).values(), default=0) > 1:
        text = "Custom policy names should be unique."
        raise JobRefused(kind, "DuplicateCustomPolicyNames", text)
    if "" in given or any(name.lower() in RESERVED for name in given):
        text = f"A policy must have a name, which is none of {ONLINE}, {BASELINE} and {RANDOM}."
        raise JobRefused(kind, "PolicyNameReserved", text)


def _check_range(job: Job, state: LoopState) -> None:
    kept, until = state.head.kept, job.until(state.configuration.reward_wait_ms)
    first, last = kept.first_ranked_at, kept.last_ranked_at
    if first is None or last is None or job.end <= first or job.start > last:
        raise JobRefused(job.kind, "NoLogsExistInDateRange", "No logs exist in date range.")
    if until <= max(job.start, first):
        text = "All of it was ranked so lately that it may yet earn something: try again later."
        raise JobRefused(job.kind, "NoLogsExistInDateRange", text)
