"""All that is told of a policy in a window of time: a row of every export."""

from dataclasses import dataclass

from personalizer.domain.evaluation.gaussian import azure_half_width
from personalizer.domain.evaluation.result import EvaluationResult, PolicyResult
from personalizer.domain.evaluation.sums import Sums


@dataclass(frozen=True, slots=True)
class Numbers:
    """Rewards are per decision. `expected_reward` is Cressie-Read's estimate, `low` and `high`
    bound it (95 %, for as many policies at a time as were compared). `ips_half_width` is what Azure
    calls the confidence interval, `logged_reward` what was served earned. Of nothing, nothing is
    expected, and estimates are 0."""

    events: int
    matched: int
    expected_reward: float | None
    low: float
    high: float
    ips: float
    ips_half_width: float
    snips: float
    doubly_robust: float
    effective_sample_size: float
    mean_weight: float
    max_weight: float
    logged_reward: float


def numbers(sums: Sums, policy: PolicyResult, result: EvaluationResult) -> Numbers:
    earned = result.earned(policy, sums)
    return Numbers(
        events=sums.events,
        matched=sums.matched,
        expected_reward=earned.reward if sums.events else None,
        low=earned.low,
        high=earned.high,
        ips=sums.ips,
        ips_half_width=azure_half_width(sums),
        snips=sums.snips,
        doubly_robust=sums.doubly_robust,
        effective_sample_size=sums.effective_events,
        mean_weight=sums.mean_weight,
        max_weight=sums.heaviest,
        logged_reward=sums.average_reward,
    )
