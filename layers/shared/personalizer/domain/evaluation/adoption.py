"""Whether an evaluation that nobody asked for may change what a loop serves."""

from personalizer.domain.evaluation.result import (
    EvaluationResult,
    Flag,
    PolicyResult,
    PolicySource,
)


def adopted(result: EvaluationResult) -> tuple[PolicyResult | None, str]:
    """The policy to apply, or else why there is none.

    It must be all but certain to earn more than what was served, for as many policies as were
    compared, and nothing may be doubtful about the log or the policy itself.
    """
    found = next((each for each in result.policies if each.name == result.optimal), None)
    if found is None or found.source is not PolicySource.OFFLINE_EXPERIMENTATION:
        return None, "no other policy is better than the loop's own, as far as the log can tell"
    if doubts := [flag.rule for flag in result.flags if _is_against(flag, found)]:
        return None, f"{found.name} seems better, but the result is doubtful: {', '.join(doubts)}"
    if found.gain is None or found.gain[0] <= 0:
        return None, f"{found.name} seems better, and may not be: the log cannot tell for sure"
    if found.learned is None:
        return None, f"{found.name} is better, and no model was learned by it"
    return found, ""


def _is_against(flag: Flag, found: PolicyResult) -> bool:
    """Propensities that are wrong for one policy are wrong for all: it is the log that lies."""
    return flag.policy in ("", found.name) or flag.rule == "propensities"
