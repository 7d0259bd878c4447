"""The product itself in this process, on memory stores, with a real learner and a clock of ours."""

from dataclasses import replace
from decimal import Decimal
from itertools import count
from typing import Protocol

from personalizer import records
from personalizer.adapters.fake import Inline
from personalizer.adapters.memory import (
    MemoryAudit,
    MemoryEvents,
    MemoryHub,
    MemoryLoops,
    MemoryObjects,
    MemoryQuarantine,
)
from personalizer.domain.decision import Ranking
from personalizer.domain.event import Key, LearningMode
from personalizer.domain.health import Health
from personalizer.domain.loop import DEFAULT_POLICY, Configuration, Head, LoopState
from personalizer.domain.policy import Policy
from personalizer.domain.request import RankRequest
from personalizer.ports import Engine
from personalizer.usecases import policies
from personalizer.usecases.agreement import MeasureAgreement, Progress
from personalizer.usecases.configure import Configure
from personalizer.usecases.expire import Expire
from personalizer.usecases.health import MeasureHealth
from personalizer.usecases.rank import Rank
from personalizer.usecases.relay import Relay
from personalizer.usecases.reward import RewardEvent
from personalizer.usecases.serving import Serving
from personalizer.usecases.training import Training
from personalizer.usecases.training.lines import Arrival

LOOP = "measured"
START = 1_788_255_000_000
REFRESH_MS = 2_000


class LearningEngine(Engine, Protocol):
    def close(self) -> None:
        """End what learning happens in."""


class Service:
    """One loop. The seed stands for its sampling secret, so that it draws the same again."""

    def __init__(
        self,
        configuration: Configuration,
        seed: int,
        engine: LearningEngine,
        policy: str = DEFAULT_POLICY,
    ):
        self._now = START
        self._numbers = count(1)
        self._events, self._loops, self._objects = MemoryEvents(), MemoryLoops(), MemoryObjects()
        self._hub = MemoryHub()
        self._engine = engine
        put = policies.put(self._objects, LOOP, Policy("measured", policy))
        state = LoopState(configuration, str(seed).encode(), Head(LOOP, 1, 0, put))
        self._loops.create(LOOP, state)
        name, clock = self._name, self._clock
        self._serving = Serving(self._loops, self._objects, engine, Inline(), clock, REFRESH_MS)
        self._rank = Rank(self._events, self._serving, engine, clock, name, name)
        self._reward = RewardEvent(self._events, clock, name)
        self._expire = Expire(self._events, clock, map)
        self._relay = Relay(self._hub, MemoryAudit(), announce=False)
        self._training = Training(
            self._loops, self._objects, MemoryQuarantine(), engine, clock, name
        )

    def rank(self, request: RankRequest) -> Ranking:
        return self._rank(LOOP, request)

    def reward(self, event_id: str, value: float) -> None:
        self._reward(Key(LOOP, event_id), Decimal(value), None)

    def wait(self, milliseconds: int) -> None:
        self._now += milliseconds

    def refresh(self) -> None:
        """Look for a newer model now; by itself, a rank does so for those that come after it."""
        self._serving.refresh(LOOP)

    def expire(self) -> None:
        """Give those their default reward whose wait is over."""
        self._expire()

    def learn(self) -> None:
        """All that became final since the last time."""
        self._relay(self._events.changes)
        self._training([self._arrival(pack) for pack in records.pack(self._hub.records)])
        self._events.changes.clear()
        self._hub.records.clear()

    def switch(self, mode: LearningMode) -> None:
        Configure(self._loops, self._clock)(LOOP, lambda old: replace(old, learning_mode=mode))

    def agreement(self) -> Progress:
        return MeasureAgreement(self._loops, self._objects)(LOOP)

    def health(self) -> Health:
        return MeasureHealth(self._loops, self._objects)(LOOP).health

    def close(self) -> None:
        self._engine.close()

    def _arrival(self, pack: bytes) -> Arrival:
        return Arrival("shard", next(self._numbers), pack)

    def _clock(self) -> int:
        return self._now

    def _name(self) -> str:
        return f"{next(self._numbers):032x}"[::-1]
