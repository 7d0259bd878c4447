"""An evaluation as it is told: what the table, the page and the exports show, worked out once.

All fields are those of the exported JSON, under the same names.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from cli.evaluation.numbers import Numbers, numbers
from personalizer import dsjson
from personalizer.domain.evaluation import series
from personalizer.domain.evaluation.result import (
    WINDOW_MS,
    EvaluationResult,
    Flag,
    PolicyResult,
    PolicySource,
    Read,
)
from personalizer.domain.evaluation.sums import Sums
from personalizer.domain.health import Range

EXPANDING, ROLLING = 200, 24
"""How many points a curve has at most: those that grow are smooth, those for themselves are not."""

_HOUR = 3_600_000
_DAY = 24 * _HOUR
SIZES = (WINDOW_MS, _HOUR, 6 * _HOUR, 12 * _HOUR, _DAY, 7 * _DAY, 28 * _DAY, 364 * _DAY)
"""Of windows; the first five are those that the API has."""


@dataclass(frozen=True, slots=True)
class Window:
    """Times are of ISO 8601, in UTC; `end` is not part of it."""

    start: str
    end: str
    numbers: Numbers


@dataclass(frozen=True, slots=True)
class Policy:
    """`gain` bounds by how much it earns more than what was served, and `anytime` what it earns,
    however often one looks. `held_out` is of the last events alone, which had no say in what was
    found."""

    name: str
    source: PolicySource
    arguments: str
    changed: Sequence[str]
    compared: int
    refused: int
    gain: tuple[float, float] | None
    anytime: tuple[float, float] | None
    total: Numbers
    held_out: Numbers | None
    expanding: Sequence[Window]
    rolling: Sequence[Window]

    @property
    def is_fixed(self) -> bool:
        return self.source in (PolicySource.ONLINE, PolicySource.BASELINE, PolicySource.RANDOM)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """`policies` are in the order of what they may be expected to earn. Those `important` are
    features of the loop's policy."""

    title: str
    start: str
    end: str
    rewards: Range
    read: Read
    flags: Sequence[Flag]
    optimal: str
    recommended: str
    expanding_minutes: int
    rolling_minutes: int
    important: Sequence[Sequence[str]]
    policies: Sequence[Policy]

    @property
    def best(self) -> Policy:
        return next(policy for policy in self.policies if policy.name == self.optimal)

    @property
    def online(self) -> Policy:
        return next(each for each in self.policies if each.source is PolicySource.ONLINE)


def tell(result: EvaluationResult, title: str) -> Evaluation:
    times = sorted({start for policy in result.policies for start in policy.windows})
    expanding, rolling = (_size(times, most) for most in (EXPANDING, ROLLING))
    told = [_policy(each, result, expanding, rolling) for each in result.policies]
    return Evaluation(
        title=title,
        start=dsjson.timestamp(times[0]) if times else "",
        end=dsjson.timestamp(result.until),
        rewards=result.rewards,
        read=result.read,
        flags=result.flags,
        optimal=result.optimal,
        recommended=result.recommended,
        expanding_minutes=expanding // 60_000,
        rolling_minutes=rolling // 60_000,
        important=result.important,
        policies=sorted(told, key=_order),
    )


def _size(times: Sequence[int], most: int) -> int:
    """The finest that cuts these times into no more than so many windows."""
    return next(
        (size for size in SIZES if len({series.begin(at, size) for at in times}) <= most), SIZES[-1]
    )


def _policy(policy: PolicyResult, result: EvaluationResult, expanding: int, rolling: int) -> Policy:
    held_out = policy.held_out
    growing = series.expanding(policy.windows, expanding)
    single = series.rolling(policy.windows, rolling)
    first = min(policy.windows, default=0)

    def window(start: int, end: int, sums: Sums) -> Window:
        until = dsjson.timestamp(min(end, result.until))
        return Window(dsjson.timestamp(start), until, numbers(sums, policy, result))

    return Policy(
        name=policy.name,
        source=policy.source,
        arguments=policy.arguments,
        changed=policy.changed,
        compared=policy.compared,
        refused=policy.refused,
        gain=policy.gain,
        anytime=policy.anytime,
        total=numbers(policy.total, policy, result),
        held_out=numbers(held_out, policy, result) if held_out else None,
        expanding=[window(first, at + expanding, sums) for at, sums in growing.items()],
        rolling=[window(at, at + rolling, sums) for at, sums in single.items()],
    )


def _order(policy: Policy) -> tuple[bool, float]:
    expected = policy.total.expected_reward
    return expected is None, -(expected or 0.0)
