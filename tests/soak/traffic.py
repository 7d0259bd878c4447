"""What an application does all day, and what it remembers of it."""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx

from cli.client import Client

RETRIES = 60
RETRY_S = 0.5
PAUSE_S = 0.15
WAIT_S = 90
"""For a reward: longer than most calls hang whose worker was killed."""
MARGIN_S = 10
ACTIONS: list[dict[str, object]] = [
    {"id": name, "features": [{"name": name, "size": len(name)}]} for name in ("a", "bb", "ccc")
]


@dataclass
class Memory:
    """What was acknowledged: event ids that must be learned, and those that must not."""

    shown: set[str] = field(default_factory=set)
    rewards: dict[str, float] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)
    late: set[str] = field(default_factory=set)
    """Of these the last call was answered when the wait was nearly over, or later: whether it came
    in time, nobody can tell from here."""
    retries: int = 0


class Traffic(threading.Thread):
    """One user after another, until it is told to stop; a call that fails is repeated."""

    def __init__(self, client: Client, name: str, seed: int):
        super().__init__(name=name)
        self.memory = Memory()
        self._client = client
        self._random = random.Random(seed)
        self._over = threading.Event()
        self._count = 0

    def stop(self) -> None:
        self._over.set()

    def run(self) -> None:
        while not self._over.wait(PAUSE_S):
            self._visit()

    def _visit(self) -> None:
        started = time.monotonic()
        self._count += 1
        self._live(f"{self.name}-{self._count}")
        if time.monotonic() - started > WAIT_S - MARGIN_S:
            self.memory.late.add(f"{self.name}-{self._count}")

    def _live(self, event_id: str) -> None:
        deferred = self._random.random() < 0.3
        context: list[dict[str, object]] = [{"hour": self._random.randrange(24)}]
        self._call(
            lambda: self._client.rank(context, ACTIONS, deferred=deferred, event_id=event_id)
        )
        fate = self._random.random()
        if deferred and fate < 0.4:
            self.memory.hidden.add(event_id)
            return
        self.memory.shown.add(event_id)
        if deferred and fate < 0.6:
            self._call(lambda: self._client.activate(event_id))
        elif deferred or fate < 0.7:
            self._reward(event_id)

    def _reward(self, event_id: str) -> None:
        """Twice now and then, as impatient clients do; it counts once."""
        value = self._random.randrange(11) / 10
        self.memory.rewards[event_id] = value
        for _ in range(2 if self._random.random() < 0.1 else 1):
            self._call(lambda: self._client.reward(event_id, value, idempotency_key=event_id))

    def _call(self, call: Callable[[], object]) -> None:
        for _ in range(RETRIES):
            try:
                call()
            except httpx.HTTPError:
                self.memory.retries += 1
                time.sleep(RETRY_S)
            else:
                return
        raise RuntimeError("the API does not come back")
