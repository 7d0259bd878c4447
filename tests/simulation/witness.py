"""Everything that must hold, checked when it happens: what is new since the last time.

The witness stands beside the services and sees each call as it is served, so that it knows the one
order in which things happened, and tells the reference of it.
"""

from collections import Counter
from decimal import Decimal
from typing import Any

from personalizer import payload, records
from personalizer.domain.decision import Ranking
from personalizer.domain.dedupe import WINDOW_MS
from personalizer.domain.event import Event, Key, LearningMode, Reward
from personalizer.domain.hub import Announced, Joined, Record
from personalizer.usecases.conservation import Balance
from tests.simulation.book import Book, Line
from tests.simulation.process import Process
from tests.simulation.reference import Decision, Early, Reference, Standing
from tests.simulation.services import Services

ACTIONS = "abc"
OWN = [("a", 1.0), ("b", 0.0), ("c", 0.0)]
"""What an application shows that decides itself."""

type Shown = list[tuple[str, float]]


class Witness:
    def __init__(self, services: Services, skew_ms: int):
        self.reference = Reference(services.configurations)
        self.books = {
            loop: Book(services.objects, configuration, services.loops.state(loop).head)
            for loop, configuration in services.configurations.items()
        }
        self.logged: set[str] = set()
        self._modes = {
            loop: {configuration.learning_mode}
            for loop, configuration in services.configurations.items()
        }
        """All that a loop was ever set to: a rank knows its loop as it was a moment ago."""
        self.planted: set[bytes] = set()
        """What was put on the hub or into the table, and cannot be read."""
        self.broken: dict[str, str] = {}
        """The loops of examples, by their uids, that were put on the hub and cannot be read."""
        self._copies: Counter[str] = Counter()
        """How often each uid was put on the hub."""
        self._spoiled: set[str] = set()
        """The uids of events of which a change cannot be read, but says so much."""
        self._gone: set[str] = set()
        """The uids of events that were deleted so that nobody can tell."""
        self._services = services
        self._clock = services.clock
        self._skew_ms = skew_ms
        self._census = services.census
        self._poison: set[str] = set()
        self._decided: dict[str, Shown] = {}
        self._answered: dict[Process | None, str] = {}

    # ------------------------------------------------------------------ the store of events

    def saw_events(self, name: str, arguments: tuple[Any, ...], answer: Any) -> None:
        self._services.stream.flow(self._clock.now)
        match name:
            case "rank":
                self._answered[self._services.processes.current] = answer.uid
                self._saw_rank(arguments[0], answer)
            case "reward":
                self._saw_said(arguments[0], arguments[1].at, arguments[1])
            case "activate":
                self._saw_said(*arguments)
            case "expire":
                self.reference.swept(*arguments)

    def saw_edit(self, event: Event, *, told: bool, undone: bool) -> None:
        if told:
            self._spoiled.add(event.uid)
        if not undone:
            self.reference.deleted(event.key, expired=False)
            self._gone.add(event.uid)

    def saw_deletion(self, key: Key, *, expired: bool) -> None:
        self._services.stream.flow(self._clock.now)
        self.reference.deleted(key, expired=expired)

    def saw_end_of_rank(self, process: Process) -> None:
        """What the client gets is what the log will say, or its own choice."""
        uid = self._answered.pop(process, "")
        if isinstance(process.answer, Ranking):
            shown = [(action.id, action.probability) for action in process.answer.actions]
            online = self.reference.decisions[uid].mode is LearningMode.ONLINE
            expected = self._decided[uid] if online else OWN
            assert shown == expected, "a client was shown something else"
            chosen = process.answer.chosen
            assert (chosen.id, chosen.probability) == expected[0], "another action was chosen"

    def _saw_rank(self, event: Event, answer: Event) -> None:
        found = self.reference.ranked(event, answer)
        if isinstance(found, Decision):
            self._census.count("rank repeated" if found.uid == answer.uid else "id used again")
        mode = answer.learning_mode
        assert mode in self._modes[answer.key.loop], "a mode that nobody had set"
        self._census.count(f"decision in {mode}")
        if event.learning_mode is not mode:
            self._census.count("rank repeated in another mode")
        example = payload.unpack(answer.payload)
        if b"poison" in example.features and mode is not LearningMode.LOGGING_ONLY:
            self._poison.add(answer.uid)
        decision = example.decision
        ids = [ACTIONS[index] for index in decision.order]
        decided = self._decided[answer.uid] = [*zip(ids, decision.probabilities, strict=True)]
        if mode is LearningMode.LOGGING_ONLY:
            assert decided == OWN, "a model decided where it is only to be logged"
        else:
            assert all(p > 0 for _, p in decided), "a model that does not explore"

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
            self._saw_announced(record)
            return
        if record.uid in self.broken:
            return
        self._check(record.uid, record.reward)
        self._copies[record.uid] += 1
        decision = self.reference.decisions[record.uid]
        assert record.observed == bool(decision.rewards), "a default reward is told from others"
        how = "observed" if record.observed else "default"
        self._census.ends[f"{record.why}, {how}"] += 1
        if len(decision.rewards) > 1:
            self._census.ends[f"several rewards, {decision.configuration.aggregation}"] += 1

    def _saw_announced(self, record: Announced) -> None:
        """A reward is announced as what all came to so far; by now there may be more."""
        decision = self.reference.decisions.get(record.uid)
        assert decision is not None, "an event that nobody ranked"
        if record.kind == "rewarded":
            assert record.reward in decision.rewards_so_far()[1:], f"announced {record.reward}"

    # --------------------------------------------------------------------------- the loops

    def saw_loops(self, name: str, arguments: tuple[Any, ...], answer: Any) -> None:
        if name == "configure" and answer:
            self._modes[arguments[0]].add(arguments[2].learning_mode)
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
        self._check(uid, -Decimal(str(line["_original_label_cost"])))
        self._check_lesson(self.reference.decisions[uid], line)
        shown = [(ACTIONS[number - 1], p) for number, p in zip(line["a"], line["p"], strict=True)]
        assert shown == self._decided[uid], "the log says something else than was decided"
        self.logged.add(uid)

    def _check_lesson(self, decision: Decision, line: Line) -> None:
        assert line["mode"] == decision.mode, "logged in another mode"
        lesson = decision.lesson(agreed=line["a"][0] == 1)
        if lesson is None:
            assert line.get("_skipLearn") is True, "learned what is only to be logged"
            return
        assert "_skipLearn" not in line, "kept from being learned"
        assert -Decimal(str(line["_label_cost"])) == lesson, "learned something else"

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
        _, place, reason, data = arguments
        if data not in self.planted:
            self._saw_set_aside(place, reason, records.decode(data))

    def _saw_set_aside(self, uid: str, reason: str, record: Record) -> None:
        assert isinstance(record, Joined)
        assert record.uid == uid, "kept under another's name"
        if uid in self.broken:
            return
        if uid in self._poison:
            self._census.count("poison line")
            return
        edge = self._clock.now + self._skew_ms - WINDOW_MS
        assert record.final_at < edge, f"set aside without a reason: {reason}"
        # Where it was read tells that it was learned; a copy elsewhere may have grown too old.
        assert uid not in self.logged or self._copies[uid] > 1, "set aside what was learned"
        self._census.count("set aside as too old")

    # --------------------------------------------------------------------------- at rest

    def check_rest(self) -> None:
        """Once all has come to rest, everything that was asked for has been done."""
        assert not self._with(Standing.OPEN), "an event whose wait never ends"
        learned = self._with(Standing.LEARNED)
        lost = learned - self.logged - self._poison
        assert not lost, f"{len(lost)} events were lost"
        assert self.logged == learned - self._poison, "learned too much"
        assert {*self._copies} == learned, "the hub tells something else"
        aside = {data for _, data in self._services.quarantine.records.values()}
        assert self.planted <= aside, "what cannot be read is gone"
        assert not self._services.letters.letters, "given up for good"

    def check_balance(self, loop: str, balance: Balance) -> None:
        """The service's own accounts say the same as the reference."""
        known = {uid for uid, d in self.reference.decisions.items() if d.key.loop == loop}
        broken = {uid for uid, of in self.broken.items() if of == loop}
        aside = (self._poison & self._with(Standing.LEARNED) | self._spoiled) & known | broken
        gone = self._gone & self._with(Standing.ERASED) & known
        assert balance.ranked == known | broken, "ranked something else"
        assert balance.trained == self.logged & known, "trained something else"
        assert balance.lapsed == self._with(Standing.LAPSED) & known, "others lapsed"
        assert balance.erased == self._with(Standing.ERASED) & known - gone, "others were erased"
        ended = balance.trained | balance.lapsed | balance.erased
        assert balance.quarantined == aside - ended, "others were set aside"
        assert balance.in_flight == gone - self._spoiled, "in flight at rest"
        assert not balance.unexplained, "trained what nobody ranked"
        assert not balance.pending | balance.twice | balance.misplaced, "counted twice"

    def _with(self, standing: Standing) -> set[str]:
        return {uid for uid, d in self.reference.decisions.items() if d.standing is standing}


def _keys(known: Decision | Early | None) -> set[str]:
    if isinstance(known, Decision):
        return {*known.rewards}
    return {reward.key for reward in known.rewards} if known else set()
