"""An application: it calls the API, calls again when nobody answered, and remembers what it did."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from cli.local import places
from personalizer.domain.loop import Configuration
from tests.aggregates import aggregate
from tests.kill.function import Function
from tests.kill.process import Died

ATTEMPTS = 60
PAUSE_S = 0.05
UNAVAILABLE = 503


def some_actions(count: int) -> list[dict[str, Any]]:
    return [{"id": f"a{n}", "features": [{"name": f"name {n}", "size": n}]} for n in range(count)]


@dataclass
class Told:
    """What the application said of one decision, and the ranking that it was given."""

    event_id: str
    deferred: bool
    ranking: dict[str, Any]
    until: float = float("inf")
    """When the wait is over (as `time.time`), at the earliest."""
    activated: bool = False
    rewards: dict[str, Decimal] = field(default_factory=dict)

    def lesson(self, settings: Configuration) -> Decimal | None:
        """The reward that the loop must learn; None if this decision is none of its business."""
        if self.deferred and not self.activated and not self.rewards:
            return None
        values = [*self.rewards.values()]
        if not values:
            return settings.default_reward
        return aggregate(settings.aggregation, values)


@dataclass
class Client:
    loop: str
    settings: Configuration
    functions: Mapping[str, Function]
    actions: list[dict[str, Any]] = field(default_factory=lambda: some_actions(4))
    context: dict[str, Any] = field(default_factory=dict)
    """Features that every request has besides its own."""
    told: dict[str, Told] = field(default_factory=dict)
    early: dict[str, dict[str, Decimal]] = field(default_factory=dict)
    """Rewards that were sent before their rank."""

    def rank(self, event_id: str, hour: int = 7, *, deferred: bool = False) -> Told:
        body = {
            "eventId": event_id,
            "contextFeatures": [{"hour": str(hour)}, {"user": {"age": hour * 3}}, self.context],
            "actions": self.actions,
            "deferActivation": deferred,
        }
        asked = time.time()
        answer = self._call("rank", body)
        until = asked + self.settings.reward_wait_ms / 1000
        told = Told(event_id, deferred, json.loads(answer["body"]), until)
        told.rewards |= self.early.pop(event_id, {})
        self.told[event_id] = told
        return told

    def again(self, event_id: str, hour: int = 7) -> dict[str, Any]:
        """The answer to the same rank, asked once more."""
        before = self.told[event_id]
        again = self.rank(event_id, hour, deferred=before.deferred)
        self.told[event_id] = before
        return again.ranking

    def reward(self, event_id: str, value: str, key: str | None = None) -> None:
        """With an idempotency key where the loop adds rewards up, since it may be sent twice."""
        headers = {"Idempotency-Key": key} if key else {}
        self._call("reward", {"value": float(value)}, event_id, headers)
        known = self.told.get(event_id)
        rewards = known.rewards if known else self.early.setdefault(event_id, {})
        rewards.setdefault(key or "the first", Decimal(value))
        self._in_time(known)

    def activate(self, event_id: str) -> None:
        self._call("activate", None, event_id)
        self.told[event_id].activated = True
        self._in_time(self.told[event_id])

    def lessons(self) -> dict[str, Decimal]:
        """What must be learned: the reward of every event that counts."""
        found = {told.event_id: told.lesson(self.settings) for told in self.told.values()}
        return {event_id: reward for event_id, reward in found.items() if reward is not None}

    def _in_time(self, told: Told | None) -> None:
        """Else nobody can say what the loop must have made of it."""
        assert told is None or time.time() < told.until, "this machine is too slow for the row"

    def _call(
        self,
        function: str,
        body: object,
        event_id: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        event = json.loads((places.ROOT / "events" / f"{function}.json").read_text())
        event["requestContext"]["authorizer"]["loop"] = self.loop
        event["headers"] = {"Content-Type": "application/json", **(headers or {})}
        event["body"] = json.dumps(body) if body is not None else None
        if event_id:
            event["pathParameters"]["eventId"] = event_id
        return _insist(lambda: self.functions[function](event))


def _insist(call: Callable[[], Any]) -> dict[str, Any]:
    for _ in range(ATTEMPTS):
        try:
            answer: dict[str, Any] = call()
        except Died:
            continue
        if answer["statusCode"] != UNAVAILABLE:
            assert answer["statusCode"] in (201, 204), answer
            return answer
        time.sleep(PAUSE_S)
    raise AssertionError("the API does not answer")
