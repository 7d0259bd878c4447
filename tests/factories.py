"""Small valid things, each with only what its test cares about said aloud."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from personalizer import payload, records
from personalizer.adapters.fake import FakeEngine, Inline
from personalizer.adapters.memory import (
    MemoryAudit,
    MemoryEvents,
    MemoryHub,
    MemoryLoops,
    MemoryObjects,
    MemoryQuarantine,
)
from personalizer.domain.commit import Commit
from personalizer.domain.decision import Decision, Ranking
from personalizer.domain.dedupe import Delivery
from personalizer.domain.evaluation.job import Job, Kind
from personalizer.domain.event import (
    Aggregation,
    Event,
    Given,
    Key,
    LearningMode,
    Reward,
    State,
    Stub,
    Why,
)
from personalizer.domain.example import Example
from personalizer.domain.hub import Joined, Record
from personalizer.domain.loop import DAY_MS, Configuration, Head, LoopState, ModelRef, ObjectRef
from personalizer.domain.policy import Policy
from personalizer.domain.replay import NO_REPLAY
from personalizer.domain.request import RankRequest
from personalizer.domain.timer import time_to_live
from personalizer.ports import Engine, Loops, Objects
from personalizer.usecases import chain, provision, steer
from personalizer.usecases.activate import Activate
from personalizer.usecases.configure import Configure
from personalizer.usecases.conservation import Balance, Conservation
from personalizer.usecases.expire import Expire
from personalizer.usecases.rank import Rank
from personalizer.usecases.relay import Relay
from personalizer.usecases.reward import RewardEvent
from personalizer.usecases.serving import Serving
from personalizer.usecases.steer import Steered
from personalizer.usecases.training import Trained, Training
from personalizer.usecases.training.lines import Arrival
from personalizer.wire import rank as wire

NOW = 1_700_000_000_000
WAIT = 600_000
KEY = Key("default", "e-1")
FEATURES = b'{"FromUrl":[],"_multi":[{"j":[{"x":1}]},{"j":[{"y":1}]}]}'


def an_event(**changes: Any) -> Event:
    """Pending, just ranked, and settled by its first reward."""
    event = Event(
        key=KEY,
        uid=a_uid(1),
        state=State.PENDING,
        ranked_at=NOW,
        deadline=NOW + WAIT,
        request_hash=b"request",
        payload=payload.pack(an_example()),
        default_reward=Decimal(0),
        aggregation=Aggregation.EARLIEST,
        settles_early=True,
        learning_mode=LearningMode.ONLINE,
        policy="p" * 16,
        generation=3,
        floor=0.05,
    )
    return replace(event, **changes)


def a_patient_event(**changes: Any) -> Event:
    """It adds its rewards up, so that it stays open until its wait is over."""
    return an_event(**{"aggregation": Aggregation.SUM, "settles_early": False, **changes})


def a_keeping_event(*values: str, **changes: Any) -> Event:
    """It keeps all its rewards: these, with the keys k-0, k-1 and so on."""
    kept = {
        "aggregation": Aggregation.MEDIAN,
        "given": tuple(Given(NOW + 1, Decimal(value)) for value in values),
        "reward_keys": frozenset(f"k-{number}" for number in range(len(values))),
    }
    return a_patient_event(**{**kept, **changes})


def a_final_event(**changes: Any) -> Event:
    settled = {"state": State.FINAL, "final_at": NOW + 9, "reward": Decimal(1), "why": Why.REWARD}
    return an_event(**{**settled, **changes})


def a_stub(**changes: Any) -> Stub:
    return replace(Stub(KEY, NOW + 120_000), **changes)


def a_reward(value: object = 1, at: int = NOW + 1, key: str = "k-1") -> Reward:
    return Reward(Decimal(str(value)), at, key)


def a_uid(number: int) -> str:
    return f"{number:032x}"[::-1]


def an_example(**changes: Any) -> Example:
    return replace(Example(Decision((1, 0), (0.75, 0.25), ()), 1, FEATURES), **changes)


def a_joined(number: int = 1, **changes: Any) -> Joined:
    joined = Joined(
        loop="default",
        event_id=f"e-{number}",
        uid=a_uid(number),
        ranked_at=NOW,
        final_at=NOW + number,
        reward=Decimal("0.5"),
        observed=True,
        why=Why.REWARD,
        learning_mode=LearningMode.ONLINE,
        policy="p" * 16,
        generation=3,
        floor=0.05,
        payload=payload.pack(an_example()),
    )
    return replace(joined, **changes)


def a_delivery(number: int = 1, *, shard: str = "s", sequence: int = 0, **changes: Any) -> Delivery:
    return Delivery(a_joined(number, **changes), shard, sequence or number)


def an_arrival(record: Record, sequence: int, shard: str = "s") -> Arrival:
    (data,) = records.pack([record])
    return Arrival(shard, sequence, data)


def a_ref(name: str = "object") -> ObjectRef:
    return ObjectRef(name, "0" * 64)


def a_head(**changes: Any) -> Head:
    return replace(Head(loop="default", epoch=1, generation=0, policy=a_ref("policy")), **changes)


def a_loop_state(**changes: Any) -> LoopState:
    return replace(LoopState(Configuration(), b"secret", a_head()), **changes)


def a_job(**changes: Any) -> Job:
    """An evaluation that nobody works on yet."""
    job = Job(
        loop="default",
        kind=Kind.EVALUATION,
        id="e-1",
        name="mine",
        start=NOW - DAY_MS,
        end=NOW,
        created_at=NOW,
        version="v1.0",
        epoch=1,
    )
    return replace(job, **changes)


def a_commit(**changes: Any) -> Commit:
    commit = Commit(
        loop="default",
        epoch=1,
        generation=1,
        commit_id="c-1",
        previous=None,
        policy=a_ref("policy"),
        arguments="--cb_explore_adf",
        cost_offset=1.0,
        base=None,
        model=ModelRef(1, a_ref("model"), NOW),
        log=a_ref("log"),
        first_line=0,
        relearned=0,
        trained=2,
        quarantined=0,
        first_ranked_at=NOW,
        last_ranked_at=NOW,
    )
    return replace(commit, **changes)


def a_body(**changes: Any) -> dict[str, Any]:
    """A rank request as a client writes it."""
    actions = [{"id": name, "features": [{"name": name}]} for name in "abc"]
    return {"contextFeatures": [{"hour": 7}], "actions": actions, **changes}


def a_request(**changes: Any) -> RankRequest:
    return wire.request(json.dumps(a_body(**changes)).encode())


@dataclass
class Clock:
    now: int = NOW

    def __call__(self) -> int:
        return self.now


@dataclass
class Counter:
    """Names that are never used twice."""

    count: int = 0

    def __call__(self) -> str:
        self.count += 1
        return a_uid(self.count)


@dataclass
class House:
    """The whole service in memory, with a clock that only its test moves, and the same luck always.

    A model here is the very list of what it was taught, so without replay it is that of its log.
    """

    configuration: Configuration = field(default_factory=lambda: Configuration(replay=NO_REPLAY))
    engine: Engine = field(default_factory=FakeEngine)
    clock: Clock = field(default_factory=Clock)
    names: Counter = field(default_factory=Counter)
    events: MemoryEvents = field(default_factory=MemoryEvents)
    memory_loops: MemoryLoops = field(default_factory=MemoryLoops)
    hub: MemoryHub = field(default_factory=MemoryHub)
    memory_objects: MemoryObjects = field(default_factory=MemoryObjects)
    quarantine: MemoryQuarantine = field(init=False)
    audit: MemoryAudit = field(default_factory=MemoryAudit)
    relayed: int = 0

    def __post_init__(self) -> None:
        self.quarantine = MemoryQuarantine(self.clock)
        self.loops: Loops = self.memory_loops
        self.objects: Objects = self.memory_objects
        self.add_loop("default", self.configuration)
        self.serving = Serving(
            self.loops, self.objects, self.engine, Inline(), self.clock, refresh_ms=1000
        )

    def add_loop(self, loop: str, configuration: Configuration | None = None) -> None:
        chosen = configuration or Configuration(replay=NO_REPLAY)
        provision.create_loop(
            self.memory_loops, self.memory_objects, loop, chosen, loop.encode().ljust
        )

    def configure(self, **changes: Any) -> None:
        """Change the first loop's settings; who ranks notices with its next refresh."""
        Configure(self.loops, self.clock)("default", lambda old: replace(old, **changes))

    @property
    def head(self) -> Head:
        return self.memory_loops.state("default").head

    def rank(self, loop: str = "default", **body: Any) -> Ranking:
        ranks = Rank(self.events, self.serving, self.engine, self.clock, self.names, self.names)
        return ranks(loop, a_request(**body))

    def refresh(self, after: int) -> None:
        """Let time pass, and the ranking process look for a newer model."""
        self.clock.now += after
        self.serving.live("default")
        self.serving.refresh("default")

    def reward(self, event_id: str, value: object = 1, key: str | None = None) -> bool:
        call = RewardEvent(self.events, self.clock, self.names)
        return call(Key("default", event_id), Decimal(str(value)), key)

    def activate(self, event_id: str) -> bool:
        return Activate(self.events, self.clock)(Key("default", event_id))

    def expire(self) -> int:
        return Expire(self.events, self.clock, map)()

    def erase(self, event_id: str) -> None:
        """As an operator does."""
        self.events.delete(Key("default", event_id), self.clock.now, expired=False)

    def expire_by_ttl(self) -> None:
        for key, item in [*self.events.items.items()]:
            if time_to_live(item) <= self.clock.now // 1000:
                self.events.delete(key, self.clock.now, expired=True)

    def uid_of(self, event_id: str) -> str:
        event = self.events.get(Key("default", event_id))
        assert isinstance(event, Event)
        return event.uid

    def balance(self) -> Balance:
        accounts = Conservation(self.events, self.loops, self.objects, self.quarantine, self.audit)
        return accounts("default")

    def relay(self, *, announce: bool = True) -> int:
        """Publish what changed since the last time."""
        fresh, self.relayed = self.events.changes[self.relayed :], len(self.events.changes)
        return len(Relay(self.hub, self.audit, announce=announce)(fresh).records)

    def arrivals(self) -> list[Arrival]:
        """All that the hub holds, in its order."""
        return [an_arrival(r, n) for n, r in enumerate(self.hub.records)]

    def set_policy(self, arguments: str, name: str = "new") -> Steered:
        chosen, change_id = Policy(name, arguments), self.names()
        return steer.set_policy(
            self.loops, self.objects, "default", chosen, change_id, self.clock.now
        )

    def training(self) -> Training:
        return Training(
            self.loops, self.objects, self.quarantine, self.engine, self.clock, self.names
        )

    def train(self, *arrivals: Arrival) -> list[Trained]:
        return self.training()(arrivals)

    def learn(self, **body: Any) -> Ranking:
        """One whole round: a rank, its reward, and a model that knows of it."""
        ranking = self.rank(**body)
        self.reward(ranking.event_id)
        self.relay()
        self.train(*self.arrivals())
        return ranking

    def commits(self) -> list[Commit]:
        """From the head back to the first."""
        return [*chain.commits(self.memory_objects, self.head.commit)]

    def logged(self) -> list[str]:
        """The event ids of the log, oldest first."""
        segments = [chain.segment(self.memory_objects, c) for c in reversed(self.commits())]
        return [json.loads(line)["EventId"] for segment in segments for line in segment]

    def learned(self) -> list[str]:
        """The event ids of the model's lines, oldest first."""
        return [line["EventId"] for line in map(json.loads, self.lines())]

    def lines(self) -> list[str]:
        latest = self.head.latest
        if latest is None:
            return []
        return self.memory_objects.get(latest.object).decode().split("\n")[1:]


def is_error_model(body: Mapping[str, Any]) -> bool:
    """Whether a body has the shape of the contract's ErrorResponse: nothing else, nothing less."""
    error = body["error"]
    details = error.get("details", [])
    return (
        set(body) == {"error"}
        and {"code", "message"} <= set(error) <= {"code", "message", "details", "innerError"}
        and all(set(detail) == {"code", "message"} for detail in details)
        and all(isinstance(item, str) for e in [error, *details] for item in (e["code"],))
        and all(e["message"] for e in [error, *details])
    )
