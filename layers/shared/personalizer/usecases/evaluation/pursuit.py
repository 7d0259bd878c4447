"""How far a study has come, as it is kept between two tasks."""

from dataclasses import dataclass, field

from personalizer.usecases.evaluation.progressive import Progress
from personalizer.usecases.evaluation.study import Study


@dataclass(frozen=True, slots=True)
class Pursuit:
    """`model` and `weights` are the keys of what was learned, and of how much each event counts (if
    it is about features). `unusable`: the learner takes no such policy, or not with this log; why,
    in words."""

    progress: Progress = field(default_factory=Progress)
    model: str | None = None
    weights: str | None = None
    unusable: str = ""

    def is_over(self, study: Study) -> bool:
        return bool(self.unusable) or self.progress.position >= study.until
