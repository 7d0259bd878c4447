"""What is kept of a decision while its reward may still come, and after."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from personalizer.domain.aggregation import average, median

CLOCK_SKEW_MS = 2_000
"""How far apart the clocks of two functions may be."""


class State(StrEnum):
    STUB = "W"
    INACTIVE = "I"
    PENDING = "P"
    FINAL = "F"


class Aggregation(StrEnum):
    EARLIEST = "earliest"
    SUM = "sum"
    AVERAGE = "average"
    MEDIAN = "median"
    MIN = "min"
    MAX = "max"


OF_ALL: Mapping[Aggregation, Callable[[Sequence[Decimal]], Decimal]] = {
    Aggregation.AVERAGE: average,
    Aggregation.MEDIAN: median,
    Aggregation.MIN: min,
    Aggregation.MAX: max,
}
"""The aggregations for which an event keeps all its rewards; for the others, one number will do."""


class LearningMode(StrEnum):
    """Who decides what is shown, and what is learned from it.

    Online: the model, from the rewards. Apprentice: the application, whose choice (the first action
    that is not excluded) the model learns to make. LoggingOnly: the application, and nothing.
    """

    ONLINE = "Online"
    APPRENTICE = "Apprentice"
    LOGGING_ONLY = "LoggingOnly"


class Why(StrEnum):
    """What made an event final."""

    REWARD = "reward"
    WAIT = "wait"
    TTL = "ttl"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class Key:
    loop: str
    event_id: str


@dataclass(frozen=True, slots=True)
class Reward:
    """Decimal, so that sums are exact and do not depend on their order.

    `key` is the caller's idempotency key, or one made for this call: a write that is repeated
    because its answer was lost must not count twice.
    """

    value: Decimal
    at: int
    key: str


@dataclass(frozen=True, slots=True)
class Given:
    """A reward as an event keeps it that needs them all."""

    at: int
    value: Decimal


@dataclass(frozen=True, slots=True)
class Event:
    """One decision. Times are epoch milliseconds; what rank stamps here, no later setting changes.

    `payload` is the decision and its features, packed; `request_hash` tells a retry from a reuse of
    the id; `settles_early`: the first reward makes the event final, without waiting for more.
    Rewards are one number, `reward`, or all of them, `given`, as the aggregation asks for.
    """

    key: Key
    uid: str
    state: State
    ranked_at: int
    deadline: int
    request_hash: bytes
    payload: bytes
    default_reward: Decimal
    aggregation: Aggregation
    settles_early: bool
    learning_mode: LearningMode
    policy: str
    generation: int
    floor: float
    reward: Decimal | None = None
    given: tuple[Given, ...] = ()
    reward_keys: frozenset[str] = frozenset()
    final_at: int | None = None
    why: Why | None = None

    @property
    def earned(self) -> Decimal | None:
        """What the rewards come to so far."""
        of_all = OF_ALL.get(self.aggregation)
        if of_all is None:
            return self.reward
        return of_all([given.value for given in self.given]) if self.given else None

    @property
    def final_reward(self) -> Decimal:
        earned = self.earned
        return self.default_reward if earned is None else earned


@dataclass(frozen=True, slots=True)
class Stub:
    """What arrived for an event before its rank did."""

    key: Key
    deadline: int
    rewards: tuple[Reward, ...] = ()
    activated: bool = False


type Item = Event | Stub
