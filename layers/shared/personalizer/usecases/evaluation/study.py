"""What a job lets be studied: one policy, or one policy without a feature, on the job's log."""

from dataclasses import dataclass

from personalizer.domain.evaluation.feature import Feature


@dataclass(frozen=True, slots=True)
class Study:
    """Evaluate these arguments by progressive validation, from the first line of the job's log up
    to the line at `until`, without the features `without`; or with a `placebo`, which is the number
    of a feature that tells nothing. With a `generation`: that model of the loop as it is, on the
    lines from `scored_from` on. A study can be pursued further later: then it goes on where it was.
    """

    id: str
    arguments: str
    until: int
    without: tuple[Feature, ...] = ()
    placebo: int = 0
    generation: int = 0
    scored_from: int = 0
