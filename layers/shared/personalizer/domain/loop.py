"""A learning loop: its configuration, its policy, and the head that names its model."""

from dataclasses import dataclass
from decimal import Decimal

from personalizer.domain.event import Aggregation

DEFAULT_POLICY = (
    "--cb_explore_adf --cb_type mtr --regcbopt --mellowness 0.001 --cb_min_cost 0 --cb_max_cost 1"
    " -q :i -q :j --cubic ::i"
)


@dataclass(frozen=True, slots=True)
class Configuration:
    """A loop's settings. Durations are milliseconds.

    `exploration` is the uniform floor of every decision; `cost_offset` minus the reward is the cost
    that VW learns from.
    """

    reward_wait_ms: int = 600_000
    default_reward: Decimal = Decimal(0)
    aggregation: Aggregation = Aggregation.EARLIEST
    learn_after_wait: bool = False
    exploration: float = 0.05
    model_export_ms: int = 10_000
    learning_mode: str = "Online"
    cost_offset: float = 1.0


@dataclass(frozen=True, slots=True)
class ObjectRef:
    """An object in the store, and what its bytes must hash to."""

    key: str
    sha256: str


@dataclass(frozen=True, slots=True)
class ModelRef:
    generation: int
    object: ObjectRef


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

    def served(self, now: int) -> ModelRef | None:
        """The model to rank with; None while there is none."""
        return self.latest if now >= self.publish_at else self.live


@dataclass(frozen=True, slots=True)
class LoopState:
    """All that Rank must know of a loop."""

    configuration: Configuration
    sampling_secret: bytes
    head: Head
