"""The product itself in this process, on memory stores, with real learners and a clock of ours."""

from dataclasses import replace
from decimal import Decimal
from itertools import count

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
from personalizer.adapters.vw import VwEngine
from personalizer.domain.decision import Ranking
from personalizer.domain.event import Key, LearningMode
from personalizer.domain.health import Health
from personalizer.domain.loop import DEFAULT_POLICY, Configuration, Head, LoopState
from personalizer.domain.policy import Policy
from personalizer.domain.request import RankRequest
from personalizer.usecases import policies
from personalizer.usecases.agreement import MeasureAgreement, Progress
from personalizer.usecases.configure import Configure
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


class Service:
    """One loop. The seed stands for its sampling secret, so that it draws the same again."""

    def __init__(self, configuration: Configuration, seed: int):
        self._now = START
        self._numbers = count(1)
        self._events, self._loops, self._objects = MemoryEvents(), MemoryLoops(), MemoryObjects()
        self._hub = MemoryHub()
        self._engine = VwEngine()
        policy = policies.put(self._objects, LOOP, Policy("default", DEFAULT_POLICY))
        state = LoopState(configuration, str(seed).encode(), Head(LOOP, 1, 0, policy))
        self._loops.create(LOOP, state)
        serving = Serving(
            self._loops, self._objects, self._engine, Inline(), self._clock, REFRESH_MS
        )
        name, engine, clock = self._name, self._engine, self._clock
        self._rank = Rank(self._events, serving, engine, clock, name, name)
        self._reward = RewardEvent(self._events, clock, name)
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
