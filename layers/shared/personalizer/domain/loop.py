"""A learning loop: its configuration, its policy, and the head that names its model."""

import re
from dataclasses import dataclass
from decimal import Decimal

from personalizer.domain.event import Aggregation, LearningMode
from personalizer.domain.replay import DEFAULT_REPLAY, Replay
from personalizer.errors import UNREADABLE

DAY_MS = 24 * 3_600_000

_NAME = re.compile(r"[a-z0-9-]{1,40}")

DEFAULT_POLICY = (
    "--cb_explore_adf --cb_type mtr --regcbopt --mellowness 0.001 --cb_min_cost 0 --cb_max_cost 1"
    " -l 1 -q :i -q :j --cubic ::i"
)


NAME_RESERVED_MS = 60 * DAY_MS
"""How long the name of a deleted loop stays its own: an event waits for its reward for 30 days at
most, and is then some days in the table, the streams and the hub."""


@dataclass(frozen=True, slots=True)
class Mirror:
    """Where Azure copied its logs to: kept for clients that read back what they wrote. The log is
    in the deployment's own bucket, and nothing is copied."""

    enabled: bool | None = None
    uri: str | None = None


@dataclass(frozen=True, slots=True)
class Optimization:
    """Whether and when better policies are looked for."""

    enabled: bool = False
    every_ms: int = 28 * DAY_MS
    starts_at: int | None = None


FOREVER = -1
"""Of log retention, in days."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """A loop's settings. Durations are milliseconds.

    `exploration` is the uniform floor of every decision; `cost_offset` minus the reward is the cost
    that VW learns from. A new model learns again what was ranked in the last `model_retrain_days`;
    0 sets no bound. `explains`: ranks tell why the model predicts what it does. `edited_at` is the
    time of the last change, 0 before any.
    """

    reward_wait_ms: int = 600_000
    default_reward: Decimal = Decimal(0)
    aggregation: Aggregation = Aggregation.EARLIEST
    learn_after_wait: bool = False
    exploration: float = 0.05
    model_export_ms: int = 10_000
    learning_mode: LearningMode = LearningMode.ONLINE
    cost_offset: float = 1.0
    log_retention_days: int = 90
    model_retrain_days: int = 0
    replay: Replay = DEFAULT_REPLAY
    explains: bool = False
    edited_at: int = 0
    mirror: Mirror = Mirror()
    optimization: Optimization = Optimization()


@dataclass(frozen=True, slots=True)
class ObjectRef:
    """An object in the store, and what its bytes must hash to."""

    key: str
    sha256: str


@dataclass(frozen=True, slots=True)
class ModelRef:
    """`made_at` is in epoch ms."""

    generation: int
    object: ObjectRef
    made_at: int


@dataclass(frozen=True, slots=True)
class Kept:
    """What is left of a loop's log: the segments of generation `oldest` and later.

    Nobody reads those before. Of them, the ones before `cleared` are noted in the accounts, and may
    be gone. The times span what is kept, by when it was ranked; None while that is nothing. Of what
    was ranked before `accounts_from` (epoch ms) the accounts tell nothing any more.
    """

    oldest: int = 1
    cleared: int = 1
    first_ranked_at: int | None = None
    last_ranked_at: int | None = None
    accounts_from: int = 0


@dataclass(frozen=True, slots=True)
class Head:
    """Where a loop stands. Every change is one conditional write on (epoch, generation).

    A generation is a commit, an epoch is the reign of one policy: a trainer that began in another
    epoch cannot commit. A new model may learn again from the log's line `learn_from` on.

    `latest` is the newest model, `live` the last published one; from `publish_at` on (epoch ms) the
    newest counts as published, so publishing needs no timer. `commit` identifies the last change.
    """

    loop: str
    epoch: int
    generation: int
    policy: ObjectRef
    commit_id: str = ""
    commit: ObjectRef | None = None
    latest: ModelRef | None = None
    live: ModelRef | None = None
    publish_at: int = 0
    trained: int = 0
    learn_from: int = 0
    first_model_at: int = 0
    kept: Kept = Kept()

    def served(self, now: int) -> ModelRef | None:
        """The model to rank with; None while there is none."""
        return self.latest if now >= self.publish_at else self.live


@dataclass(frozen=True, slots=True)
class LoopState:
    """All that Rank must know of a loop."""

    configuration: Configuration
    sampling_secret: bytes
    head: Head


def may_be_named(loop: str) -> bool:
    """Whether a loop can have this name: 1 to 40 lower-case letters, digits and dashes."""
    return _NAME.fullmatch(loop) is not None and loop != UNREADABLE
