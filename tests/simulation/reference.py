"""What should be learned, by the contract's words alone: no states, no streams, no commits."""

from dataclasses import dataclass, field
from decimal import Decimal

from personalizer.domain.event import Aggregation
from personalizer.domain.loop import Configuration
from personalizer.domain.transitions import EARLY_WINDOW_MS


@dataclass
class Told:
    """What an application said of one decision, until it was too late."""

    until: int
    active: bool = False
    rewards: dict[str, Decimal] = field(default_factory=dict)

    def hear(self, now: int, reward: tuple[str, Decimal] | None) -> None:
        """A reward, given as (key, value), or an activation."""
        if now < self.until:
            self.active = True
            if reward is not None:
                self.rewards.setdefault(*reward)


class Reference:
    def __init__(self, configuration: Configuration):
        self._configuration = configuration
        self._decisions: dict[str, Told] = {}
        self._current: dict[str, Told] = {}
        self._early: dict[str, Told] = {}

    def ranked(self, event_id: str, uid: str, now: int, *, deferred: bool) -> None:
        """An answer to a rank; the same uid again is the same decision."""
        if uid in self._decisions:
            return
        told = Told(now + self._configuration.reward_wait_ms, active=not deferred)
        early = self._early.pop(event_id, None)
        if early is not None and now < early.until:
            told.active = told.active or early.active
            told.rewards = early.rewards
        self._decisions[uid] = self._current[event_id] = told

    def told(self, event_id: str, now: int, reward: tuple[str, Decimal] | None = None) -> None:
        if event_id not in self._current:
            early = self._early.get(event_id)
            if early is None or now >= early.until:
                self._early[event_id] = Told(now + EARLY_WINDOW_MS)
        self._current.get(event_id, self._early.get(event_id, Told(0))).hear(now, reward)

    def lessons(self) -> dict[str, Decimal]:
        """The reward of every decision that counts, by its uid."""
        return {uid: self._reward(told) for uid, told in self._decisions.items() if told.active}

    def _reward(self, told: Told) -> Decimal:
        values = [*told.rewards.values()]
        if not values:
            return self._configuration.default_reward
        first_only = self._configuration.aggregation is Aggregation.EARLIEST
        return values[0] if first_only else sum(values, Decimal(0))
