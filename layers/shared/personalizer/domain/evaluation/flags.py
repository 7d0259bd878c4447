"""Can a result be trusted? What makes it doubtful is said loudly, and beside the numbers."""

import math
from collections.abc import Iterable, Iterator

from personalizer.domain.evaluation.result import Flag, PolicyResult, Read
from personalizer.domain.evaluation.sums import Sums
from personalizer.domain.health import Range

LEAST_EVENTS = 300
"""From so many on, intervals were seen to hold: `python -m benchmarks.evaluation.coverage`."""
LEAST_EFFECTIVE = 10
DOMINANT = 0.25
"""Of all weights together, one event's."""
ERRORS = 3.0
"""So many standard errors away is no luck."""
ROUNDING = 1e-9


def flags(
    read: Read, rewards: Range, heaviest: float, policies: Iterable[PolicyResult]
) -> tuple[Flag, ...]:
    """`rewards`: the range that the loop is configured for; `heaviest`: see EvaluationResult."""
    judged = [*policies]
    of_policies = (flag for each in judged for flag in _of_weights(each, heaviest))
    seen = judged[0].total if judged else Sums()
    return (*_of_log(read, rewards, seen), *of_policies)


def _of_log(read: Read, rewards: Range, seen: Sums) -> Iterator[Flag]:
    if read.scored < LEAST_EVENTS:
        yield Flag("fewEvents", f"Only {read.scored:,} decisions count; {LEAST_EVENTS} is little.")
    if read.lost:
        yield Flag(
            "lostSegments",
            f"{read.lost:,} of {read.segments:,} segments of the log could not be read: up to "
            f"{read.lost_lines:,} events are missing.",
        )
    if read.is_broken:
        yield Flag("brokenLog", "A commit could not be read, so that the log before it is missing.")
    if read.unsupported:
        yield Flag(
            "noChance",
            f"In {read.unsupported:,} of {read.scored:,} decisions an action had no chance to be "
            "shown: what it would have earned, nobody can tell.",
        )
    if seen.events and not rewards.low <= seen.least_reward <= seen.most_reward <= rewards.high:
        yield Flag(
            "rewardsOutOfRange",
            f"Rewards from {seen.least_reward:g} to {seen.most_reward:g} were logged, where "
            f"{rewards.low:g} to {rewards.high:g} is what the loop's policy learns from.",
        )


def _of_weights(policy: PolicyResult, heaviest: float) -> Iterator[Flag]:
    sums = policy.total
    if abs(_errors(sums, heaviest)) > ERRORS:
        yield Flag(
            "propensities",
            f"The mean importance weight is {sums.mean_weight:.3g} and should be 1: what was shown "
            "was not drawn from the probabilities that were logged.",
            policy.name,
        )
    if sums.events and sums.effective_events < LEAST_EFFECTIVE:
        yield Flag(
            "fewEffectiveEvents",
            f"The {sums.events:,} decisions tell as much about it as {sums.effective_events:.2g} "
            "of its own would: it seldom chooses what was shown.",
            policy.name,
        )
    if sums.w and sums.heaviest > DOMINANT * sums.w:
        yield Flag(
            "oneEvent",
            f"One decision, with a weight of {sums.heaviest:,.0f}, counts for "
            f"{sums.heaviest / sums.w:.0%} of what is said about it.",
            policy.name,
        )


def _errors(sums: Sums, heaviest: float) -> float:
    """By how many standard errors the weights add up to too much, or to too little.

    Where they are too little, heavy ones may be missing: were their sum what it should be, their
    squares would be greater, by `heaviest` times what is missing at most.
    """
    beyond = sums.w - sums.events
    if abs(beyond) <= ROUNDING * sums.events:
        return 0.0
    missing = -beyond * heaviest if beyond < 0 else 0.0
    squares = sums.ww - sums.w * sums.mean_weight + missing
    return beyond / math.sqrt(squares) if squares > 0 else math.copysign(math.inf, beyond)
