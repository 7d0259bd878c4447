"""Bring back what was set aside or given up: onto the hub, each event with a proof that it is new.

The trainer may no longer remember whether it has seen such an event, but the log does. Whatever is
repeated here, by a second attempt or another process, is trained once.
"""

from collections.abc import Callable, Set
from dataclasses import dataclass, replace

from personalizer import records
from personalizer.domain import hub
from personalizer.domain.hub import Change, Joined
from personalizer.domain.loop import Head
from personalizer.errors import (
    UNREADABLE,
    LoopNotFound,
    NotProvable,
    ObjectCorrupt,
    ObjectMissing,
    Unreadable,
)
from personalizer.ports import Audit, DeadLetters, Hub, Loops, Objects, Quarantine
from personalizer.usecases import past
from personalizer.usecases.relay import notes_by_loop


@dataclass(frozen=True, slots=True)
class Redriven:
    """Events that went back to the hub, events in the log already, records that stay set aside."""

    sent: int = 0
    known: int = 0
    kept: int = 0

    def __add__(self, other: "Redriven") -> "Redriven":
        return Redriven(self.sent + other.sent, self.known + other.known, self.kept + other.kept)


NO_PROOF = (LoopNotFound, ObjectMissing, ObjectCorrupt, NotProvable)
"""A loop whose log cannot be read proves nothing, and keeps no other waiting."""


class Redrive:
    """`read_change` reads a record of the table's stream, or raises Unreadable; `new_attempt` gives
    names that no other attempt will ever use."""

    def __init__(
        self,
        loops: Loops,
        objects: Objects,
        hub: Hub,
        audit: Audit,
        quarantine: Quarantine,
        read_change: Callable[[bytes], Change],
        new_attempt: Callable[[], str],
    ):
        self._loops = loops
        self._objects = objects
        self._hub = hub
        self._audit = audit
        self._quarantine = quarantine
        self._read_change = read_change
        self._new_attempt = new_attempt

    def quarantined(self, loop: str) -> Redriven:
        """All that was set aside of a loop, or that does not tell its loop (UNREADABLE)."""
        proofs, attempt, done = self._proofs(), self._new_attempt(), Redriven()
        for place in sorted(self._quarantine.places(loop)):
            taken = self._quarantine.take(loop, place, attempt)
            if taken is None:
                continue
            try:
                done += self._send(taken.record, proofs)
            except (Unreadable, *NO_PROOF):
                self._quarantine.put(loop, place, taken.reason, taken.record)
                done += Redriven(kept=1)
            self._quarantine.forget(taken)
        return done

    def dead_letters(self, letters: DeadLetters) -> Redriven:
        """All batches that were given up; what cannot be read of them is set aside."""
        proofs, done = self._proofs(), Redriven()
        for place in letters.places():
            try:
                found = letters.read(place)
            except Unreadable:
                done += Redriven(kept=1)
                continue
            for number, data in enumerate(found):
                done += self._sent_or_kept(data, f"{place}-{number}", proofs)
            letters.forget(place)
        return done

    def _proofs(self) -> "Proofs":
        return Proofs(self._loops, self._objects, self._audit)

    def _sent_or_kept(self, data: bytes, place: str, proofs: "Proofs") -> Redriven:
        try:
            return self._send(data, proofs)
        except Unreadable as error:
            told = error.loop != UNREADABLE  # whose it is, as the relay would have kept it
            self._quarantine.put(error.loop, error.place if told else place, str(error), data)
        except NO_PROOF as error:
            self._quarantine.put(UNREADABLE, place, str(error), data)
        return Redriven(kept=1)

    def _send(self, data: bytes, proofs: "Proofs") -> Redriven:
        """Onto the hub: only after that may it be forgotten where it was."""
        changes, found = self._read(data)
        joined = [record for record in found if isinstance(record, Joined)]
        proven = [proof for record in joined if (proof := proofs.of(record))]
        for loop, notes in notes_by_loop(changes).items():
            self._audit.write(loop, notes)
        self._hub.publish(proven)
        return Redriven(sent=len(proven), known=len(joined) - len(proven))

    def _read(self, data: bytes) -> tuple[list[Change], list[hub.Record]]:
        """A record of the hub or, if it is none, of the table's stream, and what that tells."""
        try:
            return [], records.unpack(data)
        except ValueError:
            change = self._read_change(data)
            return [change], hub.records(change)


class Proofs:
    """What loops have not learned, neither by their logs nor by the notes of what was forgotten;
    each log is read once."""

    def __init__(self, loops: Loops, objects: Objects, audit: Audit):
        self._loops = loops
        self._objects = objects
        self._audit = audit
        self._known: dict[str, tuple[Head, Set[str]]] = {}

    def of(self, joined: Joined) -> Joined | None:
        """The event with its proof; None if it was trained. Raises one of NO_PROOF."""
        if joined.loop not in self._known:
            head = self._loops.state(joined.loop, consistent=True).head
            self._known[joined.loop] = head, past.known(self._objects, self._audit, head)
        head, known = self._known[joined.loop]
        if joined.ranked_at < head.kept.accounts_from:
            raise NotProvable("so long ago that nobody can tell whether it was learned")
        generation = head.generation
        return None if joined.uid in known else replace(joined, absent_until=generation)
