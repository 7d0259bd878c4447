"""What an evaluation found: sums for every policy, and what they are worth."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property, reduce
from operator import add
from typing import NamedTuple, Self

from personalizer.domain.evaluation import cressie_read
from personalizer.domain.evaluation.sums import Sums
from personalizer.domain.health import Range
from personalizer.domain.replay import Replay
from personalizer.domain.rival import DOUBT

WINDOW_MS = 5 * 60_000
"""The finest windows of time that sums are kept for; coarser ones are made of these."""

NAMED = 20
"""So many of the segments that are lost are named."""

ONLINE, BASELINE, RANDOM = "online", "baseline1", "baselineRand"
"""What is compared in every evaluation, by Azure's names."""

RETRAINED = "retrained"
"""The loop's own policy, learning from this log alone, unless another policy has that name."""


class PolicySource(StrEnum):
    ONLINE = "Online"
    BASELINE = "Baseline"
    RANDOM = "Random"
    OWN = "Own"
    CUSTOM = "Custom"
    OFFLINE_EXPERIMENTATION = "OfflineExperimentation"


@dataclass(frozen=True, slots=True)
class Learned:
    """A model that an evaluation made, at the key `model` of the workbench: how it was taught, and
    that it learned all lines of the log from `first_line` to before `next_line`. It `has_gaps` if
    some of these were lost, or refused."""

    model: str
    arguments: str
    cost_offset: float
    replay: Replay
    first_line: int
    next_line: int
    has_gaps: bool = False


@dataclass(frozen=True)
class PolicyResult:
    """`arguments` are canonical, empty for baseline and random. `windows` maps the start of a
    window (epoch ms, a multiple of WINDOW_MS) to its sums; windows without events are left out.
    `whole` is what these add up to, where they lie elsewhere.

    `compared` policies were looked at to find this one, so its intervals are for as many at a time.
    `held_out`: the sums of the last events alone, which had no say in what was chosen.
    `gain` bounds by how much its reward is above the online one's, both sides at all times (as
    domain.evaluation.gain), and `anytime` its reward itself (as domain.evaluation.anytime).
    `refused` lines could not be learned by it. `changed`: what is different from the loop's policy,
    in words. `learned`: the model that it learned, if it learned any.
    """

    name: str
    source: PolicySource
    arguments: str = ""
    windows: Mapping[int, Sums] = field(default_factory=dict)
    compared: int = 1
    held_out: Sums | None = None
    gain: tuple[float, float] | None = None
    anytime: tuple[float, float] | None = None
    refused: int = 0
    changed: tuple[str, ...] = ()
    learned: Learned | None = None
    whole: Sums | None = None

    @cached_property
    def total(self) -> Sums:
        return self.whole or reduce(add, self.windows.values(), Sums())


@dataclass(frozen=True, slots=True)
class Flag:
    """Something that makes a result doubtful: `rule` names it, `text` explains it. `policy` is
    empty where it is about the log."""

    rule: str
    text: str
    policy: str = ""


@dataclass(frozen=True, slots=True)
class Read:
    """What there was of the log. `scored` events count; `others` were learned from and not scored:
    ranked outside of the range, or shown by an apprentice or in LoggingOnly. Of `segments`, so many
    were `lost`, with so many lines; some of them are named. In `unsupported` of the scored, an
    action had no chance to be shown. `is_broken`: nobody can tell what came before."""

    segments: int = 0
    scored: int = 0
    others: int = 0
    lost: int = 0
    lost_lines: int = 0
    lost_keys: tuple[str, ...] = ()
    unsupported: int = 0
    is_broken: bool = False

    def __add__(self, other: Self) -> Self:
        return type(self)(
            self.segments + other.segments,
            self.scored + other.scored,
            self.others + other.others,
            self.lost + other.lost,
            self.lost_lines + other.lost_lines,
            (self.lost_keys + other.lost_keys)[:NAMED],
            self.unsupported + other.unsupported,
            self.is_broken or other.is_broken,
        )


class Earned(NamedTuple):
    """On average, and from where to where: with all but DOUBT's certainty, for as many policies at
    a time as were compared."""

    reward: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class EvaluationResult:
    """`rewards` is the range that the loop's rewards are in, `heaviest` the greatest importance
    weight that its log could have given to any policy. `until` is where it ends: later decisions
    may yet earn something. `optimal`: the policy that is proven to be better than what was served,
    or that. `recommended`: the one found that is likely to be better than the loop's own, or what
    was served. `important`: features of the loop's policy, by what they contribute."""

    policies: tuple[PolicyResult, ...]
    rewards: Range
    heaviest: float
    until: int
    read: Read
    optimal: str
    flags: tuple[Flag, ...] = ()
    important: tuple[tuple[str, ...], ...] = ()
    recommended: str = ONLINE

    def earned(self, policy: PolicyResult, sums: Sums) -> Earned:
        """What the policy would have earned in the windows that have these sums."""
        alpha = DOUBT / policy.compared
        if policy.source is PolicySource.ONLINE:
            found = cressie_read.served_interval(sums, self.rewards, alpha)
            return Earned(sums.average_reward, found.low, found.high)
        found = cressie_read.interval(sums, self.rewards, self.heaviest, alpha)
        reward = cressie_read.estimate(sums, self.heaviest)
        return Earned(min(max(reward, found.low), found.high), found.low, found.high)


@dataclass(frozen=True, slots=True)
class FeatureScore:
    """`drop` bounds by how much the reward falls without the feature (95 %). The `score` is 0 if
    that may be nothing, and up to 100, which the best has. An empty `feature` stands for all of
    its namespace, which is compared with other namespaces. `events` have it, with so many different
    `values`; of a namespace, those of its most frequent feature, with so many features."""

    namespace: str
    feature: str
    score: float
    drop: tuple[float, float]
    events: int
    values: int


@dataclass(frozen=True, slots=True)
class FeatureResult:
    scores: tuple[FeatureScore, ...]
    until: int
    read: Read
    flags: tuple[Flag, ...] = ()
