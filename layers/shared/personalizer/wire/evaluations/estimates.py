"""What Azure does not tell of a policy: better estimates than its own, and how sure they are."""

import math
from collections.abc import Mapping

from personalizer.domain.evaluation.result import (
    EvaluationResult,
    FeatureResult,
    PolicyResult,
    PolicySource,
)
from personalizer.domain.evaluation.sums import Sums

type Shown = dict[str, object]


def source_of(source: PolicySource) -> str:
    """Azure has no word for the loop's own policy where it is not what was served."""
    return (PolicySource.CUSTOM if source is PolicySource.OWN else source).value


def expected(sums: Sums, policy: PolicyResult, result: EvaluationResult) -> Shown:
    """The headline: what the policy earns for a decision, and 95 % of certainty, for as many
    policies at a time as were compared. Without events only the range of rewards is known."""
    earned = result.earned(policy, sums)
    shown: Shown = {"confidenceInterval": [earned.low, earned.high]}
    return finite({"expectedReward": earned.reward, **shown} if sums.events else shown)


def in_part(sums: Sums, policy: PolicyResult, result: EvaluationResult) -> Shown:
    """What these sums tell, which may be of a part of the evaluation."""
    shown: Shown = {"numberOfEvents": sums.events, **expected(sums, policy, result)}
    if sums.events:
        shown |= {
            "snips": sums.snips,
            "doublyRobust": sums.doubly_robust,
            "effectiveSampleSize": sums.effective_events,
            "meanWeight": sums.mean_weight,
            "maxWeight": sums.heaviest,
        }
    return finite(shown)


def estimates(sums: Sums, policy: PolicyResult, result: EvaluationResult) -> Shown:
    """All that there is: of these sums, and of the whole evaluation."""
    shown = in_part(sums, policy, result)
    if policy.gain is not None:
        shown["gain"] = [*policy.gain]
    if policy.anytime is not None:
        shown["anytimeInterval"] = [*policy.anytime]
    if policy.held_out is not None:
        held = policy.held_out
        shown["heldOut"] = {"numberOfEvents": held.events, **expected(held, policy, result)}
    if policy.changed:
        shown["changed"] = [*policy.changed]
    return finite(shown | {"comparedPolicies": policy.compared, "refusedLines": policy.refused})


def beside_azure(result: EvaluationResult) -> Shown:
    """Of the whole evaluation, what the contract has no fields for."""
    return {"recommendedPolicy": result.recommended} | doubts(result)


def doubts(result: EvaluationResult | FeatureResult) -> Shown:
    """What an evaluation is based on, and what makes it doubtful; beside the contract's fields."""
    read = result.read
    return {
        "flags": [
            {"rule": flag.rule, "text": flag.text}
            | ({"policy": flag.policy} if flag.policy else {})
            for flag in result.flags
        ],
        "log": {
            "segments": read.segments,
            "evaluatedEvents": read.scored,
            "otherEvents": read.others,
            "lostSegments": read.lost,
            "lostLines": read.lost_lines,
        },
    }


def finite(fields: Mapping[str, object]) -> Shown:
    """Without what is no number: JSON has no word for it."""
    return {name: value for name, value in fields.items() if _is_finite(value)}


def _is_finite(value: object) -> bool:
    if isinstance(value, list):
        return all(map(_is_finite, value))
    return not isinstance(value, float) or math.isfinite(value)
