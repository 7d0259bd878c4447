"""What should be learned, by the contract's words alone: no streams, no hub, no commits.

It is told what reached the store of events, in the order in which that was served, and with the
times that it carried.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum, auto

from personalizer.domain.event import Aggregation, Event, Key, LearningMode, Reward, State
from personalizer.domain.loop import Configuration
from tests.aggregates import aggregate

EARLY_MS = 120_000
"""How long before its rank a reward may come."""
SKEW_MS = 2_000
"""How far apart two clocks may be: a wait is over when every clock says so."""


class Standing(Enum):
    OPEN = auto()
    LEARNED = auto()
    LAPSED = auto()
    """Never activated, so it never counts."""
    ERASED = auto()


@dataclass
class Decision:
    """What an application asked, and what it said of the answer until it was too late."""

    key: Key
    uid: str
    request: bytes
    until: int
    configuration: Configuration
    mode: LearningMode
    active: bool
    rewards: dict[str, Decimal] = field(default_factory=dict)
    standing: Standing = Standing.OPEN

    @property
    def reward(self) -> Decimal:
        return self.rewards_so_far()[-1]

    def rewards_so_far(self) -> list[Decimal]:
        """The default one, and what each reward made of it."""
        values, aggregation = [*self.rewards.values()], self.configuration.aggregation
        so_far = [aggregate(aggregation, values[:count]) for count in range(1, len(values) + 1)]
        return [self.configuration.default_reward, *so_far]

    def lesson(self, *, agreed: bool) -> Decimal | None:
        """What is learned of the model's choice, which may be the application's; None: nothing."""
        match self.mode:
            case LearningMode.ONLINE:
                return self.reward
            case LearningMode.APPRENTICE:
                return Decimal(agreed)
            case LearningMode.LOGGING_ONLY:
                return None

    @property
    def settles_early(self) -> bool:
        """Whether the first reward is all there is to wait for."""
        earliest = self.configuration.aggregation is Aggregation.EARLIEST
        return earliest and not self.configuration.learn_after_wait

    def hear(self, now: int, reward: Reward | None) -> None:
        """A reward, or an activation."""
        if self.standing is not Standing.OPEN or now >= self.until:
            return
        self.active = True
        if reward is not None:
            self.rewards.setdefault(reward.key, reward.value)
            if self.settles_early:
                self.standing = Standing.LEARNED

    def close(self) -> None:
        if self.standing is Standing.OPEN:
            self.standing = Standing.LEARNED if self.active else Standing.LAPSED

    def erase(self) -> None:
        if self.standing is Standing.OPEN:
            self.standing = Standing.ERASED


@dataclass
class Early:
    """What was said before there was anything to say it of."""

    until: int
    active: bool = False
    rewards: list[Reward] = field(default_factory=list)


class Reference:
    def __init__(self, configurations: Mapping[str, Configuration]):
        self._configurations = configurations
        self.decisions: dict[str, Decision] = {}
        self._current: dict[Key, Decision | Early] = {}

    def ranked(self, event: Event, answer: Event) -> Decision | Early | None:
        """What stood in the way. The same request while the event is live gets the same answer."""
        found = self._current.get(event.key)
        if isinstance(found, Decision) and self._repeats(found, event):
            assert answer.uid == found.uid, "a retry got another decision"
            return found
        assert answer.uid not in self.decisions, "a new decision under an old name"
        self._replace(event, answer, found)
        return found

    def current(self, key: Key) -> Decision | Early | None:
        return self._current.get(key)

    def said(self, key: Key, now: int, reward: Reward | None = None) -> None:
        """A reward or an activation."""
        found = self._current.get(key)
        if isinstance(found, Decision):
            found.hear(now, reward)
            return
        if found is None or now >= found.until:
            found = self._current[key] = Early(now + EARLY_MS)
        if reward is None:
            found.active = True
        elif reward.key not in {known.key for known in found.rewards}:
            found.rewards.append(reward)

    def swept(self, key: Key, uid: str, now: int) -> None:
        found = self._current.get(key)
        counts = isinstance(found, Decision) and found.uid == uid and found.active
        if isinstance(found, Decision) and counts and now >= found.until + SKEW_MS:
            found.close()

    def deleted(self, key: Key, *, expired: bool) -> None:
        """By TTL, which is as good as the end of the wait, or by somebody."""
        found = self._current.pop(key)
        if isinstance(found, Decision):
            if expired:
                found.close()
            else:
                found.erase()

    def _repeats(self, found: Decision, event: Event) -> bool:
        return event.ranked_at < found.until and event.request_hash == found.request

    def _replace(self, event: Event, answer: Event, found: Decision | Early | None) -> None:
        configuration = self._configurations[event.key.loop]
        decision = Decision(
            key=event.key,
            uid=answer.uid,
            request=event.request_hash,
            until=event.ranked_at + configuration.reward_wait_ms,
            configuration=configuration,
            mode=event.learning_mode,
            active=event.state is State.PENDING,
        )
        if isinstance(found, Decision):
            found.close()
        if isinstance(found, Early) and event.ranked_at < found.until:
            decision.active = decision.active or found.active
            for reward in found.rewards:
                decision.hear(event.ranked_at, reward)
        self.decisions[decision.uid] = self._current[event.key] = decision
