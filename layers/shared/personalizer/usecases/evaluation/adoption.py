"""What becomes of an evaluation that nobody asked for: its best policy is put in place if it is
surely better, and from then on watched."""

from collections.abc import Callable

from personalizer.domain.evaluation.adoption import adopted
from personalizer.domain.evaluation.job import Job, Status
from personalizer.domain.evaluation.result import EvaluationResult, PolicyResult
from personalizer.domain.loop import Head
from personalizer.domain.policy import Policy
from personalizer.errors import CostsChanged, ModelNotEvaluated
from personalizer.ports import Loops, Objects
from personalizer.usecases import chain, policies
from personalizer.usecases.evaluation.watching import Watching


class Adoption:
    """`apply` puts a policy in place and returns the generation that it made."""

    def __init__(
        self,
        loops: Loops,
        objects: Objects,
        apply: Callable[[Job, PolicyResult], int],
        watching: Watching,
    ):
        self._loops = loops
        self._objects = objects
        self._apply = apply
        self._watching = watching

    def __call__(self, job: Job, result: EvaluationResult) -> tuple[Status, str]:
        """The job's last status, and why that. Whoever died on the way can do it again."""
        best, reason = adopted(result)
        if best is None:
            return Status.ONLINE_POLICY_RETAINED, reason
        head = self._loops.state(job.loop, consistent=True).head
        present = policies.read(self._objects, head.policy)
        try:
            generation = self._generation(job, best, head, present)
        except (CostsChanged, ModelNotEvaluated) as error:
            return Status.ONLINE_POLICY_RETAINED, f"{best.name} could not be applied: {error}"
        if generation is None:
            return Status.ONLINE_POLICY_RETAINED, "another policy was set during the evaluation"
        self._watching.begin(job, generation)
        return Status.OPTIMAL_POLICY_APPLIED, ""

    def _generation(self, job: Job, best: PolicyResult, head: Head, present: Policy) -> int | None:
        """In which it was put in place, now or in an attempt before."""
        if present.set_at <= job.created_at:
            return self._apply(job, best)
        if (present.name, present.arguments) != (best.name, best.arguments):
            return None
        reign = [c for c in chain.commits(self._objects, head.commit) if c.policy == head.policy]
        return reign[-1].generation
