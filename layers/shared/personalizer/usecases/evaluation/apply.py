"""Apply what an evaluation found: its policy, and the model that was learned with it, become the
loop's in one write of the head. Whatever fails, nothing is changed."""

from personalizer.domain.evaluation.job import Job, Kind
from personalizer.domain.evaluation.result import PolicyResult, PolicySource
from personalizer.domain.policy import Policy
from personalizer.errors import (
    JobUnfinished,
    ModelNotEvaluated,
    ObjectMissing,
    PolicyNotEvaluated,
)
from personalizer.ports import Workbench
from personalizer.usecases.evaluation.jobs import Evaluations
from personalizer.usecases.mandate import OWNER, Mandate
from personalizer.usecases.models.placing import Placing
from personalizer.usecases.models.pupil import Effort


class ApplyEvaluation:
    """`effort`: what a model may learn at most before it takes its place."""

    def __init__(
        self,
        evaluations: Evaluations,
        workbench: Workbench,
        placing: Placing,
        effort: Effort | None = None,
    ):
        self._evaluations = evaluations
        self._workbench = workbench
        self._placing = placing
        self._effort = effort or Effort()

    def __call__(self, loop: str, evaluation_id: str, name: str) -> int | None:
        """The generation that it made; None for what was served, which stays as it is.

        Raises JobNotFound, JobUnfinished, PolicyNotEvaluated, ModelNotEvaluated, CostsChanged.
        """
        job = self._evaluations.get(loop, Kind.EVALUATION, evaluation_id)
        result = self._evaluations.outline(job)
        if result is None:
            raise JobUnfinished(evaluation_id)
        found = next((each for each in result.policies if each.name == name), None)
        if found is None or found.source in (PolicySource.BASELINE, PolicySource.RANDOM):
            raise PolicyNotEvaluated(name)
        if found.source is PolicySource.ONLINE:
            return None
        return self.policy(job, found)

    def policy(self, job: Job, found: PolicyResult, mandate: Mandate = OWNER) -> int:
        """The same for one that is known. Raises Overruled where the mandate does not hold."""
        try:
            if generation := job.generation(found.name):
                return self._placing.roll_back(job.loop, generation, mandate)
            if found.learned is None:
                raise ModelNotEvaluated(found.name)
            model = self._workbench.read(found.learned.model)
        except ObjectMissing as error:
            raise ModelNotEvaluated(found.name) from error
        chosen = Policy(found.name, found.arguments)
        return self._placing.learned(job.loop, chosen, found.learned, model, self._effort, mandate)
