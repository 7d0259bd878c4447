"""What becomes of an evaluation that nobody asked for: its best policy is put in place if it is
surely better, and from then on watched."""

from collections.abc import Callable

from personalizer.domain.evaluation.adoption import adopted
from personalizer.domain.evaluation.job import Job, Status
from personalizer.domain.evaluation.result import EvaluationResult, PolicyResult
from personalizer.domain.loop import Head, LoopState
from personalizer.errors import CostsChanged, ModelNotEvaluated, Overruled
from personalizer.ports import Jobs, Loops, Objects
from personalizer.usecases.evaluation import reign, settle
from personalizer.usecases.evaluation.watches import Watches
from personalizer.usecases.mandate import Mandate, check_epoch


class Adoption:
    """`apply` puts a policy in place, while its mandate holds."""

    def __init__(
        self,
        jobs: Jobs,
        loops: Loops,
        objects: Objects,
        apply: Callable[[Job, PolicyResult, Mandate], object],
        watches: Watches,
    ):
        self._jobs = jobs
        self._loops = loops
        self._objects = objects
        self._apply = apply
        self._watches = watches

    def __call__(self, job: Job, result: EvaluationResult) -> tuple[Status, str]:
        """The job's last status, and why that. Whoever died on the way can do it again.

        Raises JobFailed, and applies nothing, once the job is over or gone.
        """
        best, reason = adopted(result)
        if best is None:
            return Status.ONLINE_POLICY_RETAINED, reason
        if not reign.applied(self._objects, self._state(job).head, job):  # in an attempt before
            try:
                self._apply(job, best, self._mandate(job))
            except (CostsChanged, ModelNotEvaluated, Overruled) as error:
                reason = f"{best.name} could not be applied: {error}"
                return Status.ONLINE_POLICY_RETAINED, reason
        self._watches.begin(job, self._state(job).head)
        return Status.OPTIMAL_POLICY_APPLIED, ""

    def _state(self, job: Job) -> LoopState:
        return self._loops.state(job.loop, consistent=True)

    def _mandate(self, job: Job) -> Mandate:
        """It holds for what the loop served when the job was made, and while that is wanted."""

        def check(head: Head) -> None:
            check_epoch(head, job.epoch)
            settle.working(self._jobs, job.ref)
            if not self._state(job).configuration.optimization.enabled:
                raise Overruled("the loop is not to be optimised any more")

        return Mandate(job.run, check)
