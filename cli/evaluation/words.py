"""What an evaluation found, in sentences; plain text."""

from collections.abc import Iterator

from cli.evaluation.told import Evaluation, Policy
from personalizer.domain.evaluation.result import Flag, PolicySource, Read

SOURCES = {
    PolicySource.ONLINE: "served",
    PolicySource.BASELINE: "baseline",
    PolicySource.RANDOM: "random",
    PolicySource.OWN: "retrained",
    PolicySource.CUSTOM: "given",
    PolicySource.OFFLINE_EXPERIMENTATION: "found",
}
HOW_TO_READ = (
    "A row tells what this policy, trained on this log from the beginning, would have earned per"
    " decision: each decision was predicted before it was learned from, and its reward weighted by"
    " how much likelier the policy was to choose the same than what was served. The interval is for"
    " 95 %, and wider the more policies there were to choose from. The effective sample size says"
    " how many decisions of its own the policy would have needed to be known as well: below some"
    " hundred, trust nothing. The mean weight is near 1 if the logged probabilities are true; if it"
    " is not, believe no number of that row. A policy is better for sure when the whole interval of"
    " its gain is above 0; that two intervals of expected rewards overlap says little."
)


def shown(name: str) -> str:
    """A name is a client's: it could hold what a terminal obeys."""
    return "".join(letter if letter.isprintable() else "?" for letter in name)


def about(start: str, end: str, read: Read) -> Iterator[str]:
    """What was read, and lost."""
    since = f"from {minute(start)} to" if start else "up to"
    yield f"{read.scored:,} decisions {since} {minute(end)} UTC"
    if read.others:
        yield f"{read.others:,} more were learned from, and not scored"
    if read.lost:
        yield (
            f"{read.lost:,} of {read.segments:,} segments were damaged:"
            f" up to {read.lost_lines:,} lines lost"
        )


def flag(flag: Flag) -> str:
    return f"{shown(flag.policy)}: {flag.text}" if flag.policy else flag.text


def verdict(told: Evaluation) -> Iterator[str]:
    best, online = told.best, told.online
    if best is online:
        yield "Stay with what is served: nothing else is better for sure."
        yield from _doubted(told)
        yield from _recommended(told)
        return
    yield (
        f"{shown(best.name)} is the best: {reward(best)} per decision,"
        f" where what was served earned {reward(online)}{_more(best, online)}."
    )
    yield f"Its gain is {gain(best)}, with 95 % certainty."
    if best.changed:
        yield f"What it changes: {'; '.join(best.changed)}."
    if best.arguments:
        yield f"Its arguments: {best.arguments}"


def _doubted(told: Evaluation) -> Iterator[str]:
    """What seems better and may not be, and would be something else than what there is."""
    first = next(each for each in told.policies if each.source is not PolicySource.OWN)
    if first is not told.online and first.gain is not None:
        yield (
            f"{shown(first.name)} may earn {reward(first)}, and its gain may be as little as"
            f" {first.gain[0]:+.4f}: more decisions would tell."
        )


def _recommended(told: Evaluation) -> Iterator[str]:
    if told.recommended != told.online.name:
        yield (
            f"Of those found, {shown(told.recommended)} is the one to try: it is likely to be"
            " better than what the loop learns by, though not proven."
        )


def reward(policy: Policy) -> str:
    return number(policy.total.expected_reward)


def number(found: float | None, digits: int = 4) -> str:
    return "-" if found is None else f"{found:,.{digits}f}"


def interval(policy: Policy) -> str:
    return f"{policy.total.low:.4f} to {policy.total.high:.4f}"


def gain(policy: Policy) -> str:
    """At least, and at most."""
    return "" if policy.gain is None else f"{policy.gain[0]:+.4f} to {policy.gain[1]:+.4f}"


def _more(best: Policy, online: Policy) -> str:
    was, is_now = online.total.expected_reward, best.total.expected_reward
    return f" ({is_now / was - 1:+.0%})" if was and is_now and was > 0 else ""


def span(minutes: int) -> str:
    """What comes after "every"."""
    for unit, size in (("day", 24 * 60), ("hour", 60)):
        if minutes % size == 0:
            count = minutes // size
            return f"{count} {unit}s" if count > 1 else unit
    return f"{minutes} minutes"


def minute(timestamp: str) -> str:
    return timestamp[:16].replace("T", " ")
