"""Everything that must hold, checked when it happens: what is new since the last time.

The witness stands beside the services and sees each call as it is served, so that it knows the one
order in which things happened, and tells the reference of it.
"""

from decimal import Decimal
from typing import Any

from personalizer import payload, records
from personalizer.adapters.memory import MemoryObjects
from personalizer.domain.decision import Ranking
from personalizer.domain.dedupe import WINDOW_MS
from personalizer.domain.event import Event, Key, Reward
from personalizer.domain.hub import Joined, Record
from personalizer.domain.loop import Configuration, Head
from personalizer.ports import UNREADABLE
from tests.simulation.book import Book, Line
from tests.simulation.census import Census
from tests.simulation.fleet import WorldClock
from tests.simulation.reference import Decision, Early, Reference, Standing

ACTIONS = "abc"

type Shown = list[tuple[str, float]]


class Witness:
    def __init__(
        self,
        configurations: dict[str, Configuration],
        heads: dict[str, Head],
        objects: MemoryObjects,
        clock: WorldClock,
        skew_ms: int,
        census: Census,
    ):
        self.reference = Reference(configurations)
        self.books = {
            loop: Book(objects, configurations[loop], head) for loop, head in heads.items()
        }
        self.published: set[str] = set()
        self.logged: set[str] = set()
        self.set_aside: dict[str, bytes] = {}
        self.planted: set[bytes] = set()
        """What was put on the hub and cannot be read."""
        self.broken: set[str] = set()
        """The uids of examples that were put on the hub and cannot be learned from."""
        self.sent_again: set[str] = set()
        """The uids in what Lambda gave up on, and somebody sent again."""
        self._clock = clock
        self._skew_ms = skew_ms
        self._census = census
        self._poison: set[str] = set()
        self._decided: dict[str, Shown] = {}

    # ------------------------------------------------------------------ the store of events

    def saw_events(self, name: str, arguments: tuple[Any, ...], answer: Any) -> None:
        match name:
            case "rank":
                self._saw_rank(*arguments, answer)
            case "reward":
                self._saw_said(arguments[0], arguments[1].at, arguments[1])
            case "activate":
                self._saw_said(*arguments)
            case "expire":
                self.reference.swept(*arguments)

    def saw_deletion(self, key: Key, *, expired: bool) -> Decision | Early:
        return self.reference.deleted(key, expired=expired)

    def saw_ranking(self, uid: str, ranking: Ranking) -> None:
        """What the client gets is what the log will say."""
        shown = [(action.id, action.probability) for action in ranking.actions]
        assert shown == self._decided[uid], "a client was shown something else"

    def _saw_rank(self, event: Event, answer: Event) -> None:
        found = self.reference.ranked(event, answer)
        if isinstance(found, Decision):
            self._census.count("rank repeated" if found.uid == answer.uid else "id used again")
        example = payload.unpack(answer.payload)
        if b"poison" in example.features:
            self._poison.add(answer.uid)
        decision = example.decision
        ids = [ACTIONS[index] for index in decision.order]
        self._decided[answer.uid] = [*zip(ids, decision.probabilities, strict=True)]

    def _saw_said(self, key: Key, now: int, reward: Reward | None = None) -> None:
        known = self.reference.current(key)
        repeated = reward is not None and reward.key in _keys(known)
        self.reference.said(key, now, reward)
        what = "activation" if reward is None else "reward"
        if not isinstance(known, Decision):
            self._census.count(f"{what} before its rank")
        elif now >= known.until:
            self._census.count(f"{what} too late")
        if repeated:
            self._census.count("reward repeated")

    # ------------------------------------------------------------------------------ the hub

    def saw_hub(self, name: str, arguments: tuple[Any, ...], answer: Any) -> None:
        _, entries = arguments
        if any("ErrorCode" in place for place in answer["Records"]):
            self._census.count("partial PutRecords")
        for entry, place in zip(entries, answer["Records"], strict=True):
            if "ErrorCode" not in place:
                for record in records.unpack(entry["Data"]):
                    self._saw_record(record)

    def _saw_record(self, record: Record) -> None:
        if not isinstance(record, Joined):
            assert record.uid in self.reference.decisions, "an event that nobody ranked"
            return
        self._check(record.uid, record.reward)
        self.published.add(record.uid)
        how = "observed" if record.observed else "default"
        self._census.ends[f"{record.why}, {how}"] += 1

    # --------------------------------------------------------------------------- the loops

    def saw_loops(self, name: str, arguments: tuple[Any, ...], answer: Any) -> None:
        if name != "advance":
            return
        old, new = arguments
        if not answer:
            self._census.count("lost race for the head")
            return
        for line in self.books[new.loop].moved(old, new):
            self._saw_line(line)

    def _saw_line(self, line: Line) -> None:
        uid = line["uid"]
        assert uid not in self.logged, "learned twice"
        self._check(uid, -Decimal(str(line["_label_cost"])))
        shown = [(ACTIONS[number - 1], p) for number, p in zip(line["a"], line["p"], strict=True)]
        assert shown == self._decided[uid], "the log says something else than was decided"
        self.logged.add(uid)

    def _check(self, uid: str, reward: Decimal) -> None:
        """An event may be learned from if it counts and is final; and only its own reward."""
        decision = self.reference.decisions.get(uid)
        assert decision is not None, "learned from what nobody ranked"
        assert decision.standing is Standing.LEARNED, f"learned from what is {decision.standing}"
        assert reward == decision.reward, f"{reward} instead of {decision.reward}"

    # ----------------------------------------------------------------------- the quarantine

    def saw_quarantine(self, name: str, arguments: tuple[Any, ...], answer: Any) -> None:
        if name != "put":
            return
        loop, uid, reason, data = arguments
        if loop == UNREADABLE:
            assert uid.startswith("change-") or data in self.planted, "set aside what can be read"
        else:
            self._saw_set_aside(uid, reason, data)
        self.set_aside[uid] = data

    def _saw_set_aside(self, uid: str, reason: str, data: bytes) -> None:
        assert uid not in self.logged or uid in self.sent_again, "set aside what was learned"
        if uid in self.broken:
            return
        if uid in self._poison:
            self._census.count("poison line")
            return
        joined = records.decode(data)
        assert isinstance(joined, Joined)
        edge = self._clock.now + self._skew_ms - WINDOW_MS
        assert joined.final_at < edge, f"set aside without a reason: {reason}"
        self._census.count("set aside as too old")

    # --------------------------------------------------------------------------- at rest

    def check_rest(self, unreadable_changes: list[str]) -> None:
        """Once all has come to rest, everything that was asked for has been done."""
        lessons = self.reference.lessons()
        assert not self.reference.waiting(), "an event whose wait never ends"
        aside = self.set_aside.keys() & lessons.keys()
        lost = lessons.keys() - self.logged - aside
        assert not lost, f"{len(lost)} events were lost"
        assert self.logged | aside == lessons.keys(), "learned too much"
        assert self.logged & aside <= self.sent_again, "learned and set aside"
        assert self.published == lessons.keys(), "the hub does not have what happened"
        assert self.broken <= self.set_aside.keys(), "an example is gone that cannot be read"
        assert {*unreadable_changes} <= self.set_aside.keys(), "a change is gone"
        assert self.planted <= {*self.set_aside.values()}, "garbage is gone"


def _keys(known: Decision | Early | None) -> set[str]:
    if isinstance(known, Decision):
        return {*known.rewards}
    return {reward.key for reward in known.rewards} if known else set()
