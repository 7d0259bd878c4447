"""Where every decision of a loop is: nothing lost, nothing twice, in accounts that must balance."""

from collections import Counter
from collections.abc import Set
from dataclasses import dataclass, field
from itertools import combinations

from personalizer import dsjson
from personalizer.domain.audit import What
from personalizer.domain.event import Event, State, Why
from personalizer.dsjson import Origin
from personalizer.ports import Audit, Events, Loops, Objects, Quarantine
from personalizer.usecases import chain


@dataclass(frozen=True, slots=True)
class Balance:
    """A loop's decisions by their uids. Every one that was ranked is in one place, and one only.

    `superseded` are among the trained. `in_flight` is what is in none of the other places: on its
    way while there is traffic, lost if it still is when all has come to rest. `twice` was learned
    more than once, `misplaced` is in two places, `unexplained` was never ranked: all must be empty.

    `imported` was ranked elsewhere, and learned from a file. `forgotten` is what came to its end
    longer ago than is kept; while its lines are being removed, they are in flight.
    """

    ranked: Set[str]
    trained: Set[str]
    superseded: Set[str]
    lapsed: Set[str]
    erased: Set[str]
    imported: Set[str]
    forgotten: Set[str]
    quarantined: Set[str]
    pending: Set[str]
    in_flight: Set[str]
    twice: Set[str]
    misplaced: Set[str]
    unexplained: Set[str]

    @property
    def holds(self) -> bool:
        return not (self.twice or self.misplaced or self.unexplained)

    @property
    def at_rest(self) -> bool:
        """Whether everything has arrived."""
        return self.holds and not self.in_flight


class Conservation:
    def __init__(
        self, events: Events, loops: Loops, objects: Objects, quarantine: Quarantine, audit: Audit
    ):
        self._events = events
        self._loops = loops
        self._objects = objects
        self._quarantine = quarantine
        self._audit = audit

    def __call__(self, loop: str) -> Balance:
        """Reads the loop's whole log. Raises LoopNotFound, ObjectMissing or ObjectCorrupt."""
        waiting = self._waiting(loop)  # before all else: what moves on meanwhile is found again
        log = self._log(loop)
        noted = self._noted(loop)
        aside = {place.partition(".")[0] for place in self._quarantine.places(loop)}
        return _balance(waiting, log, noted, aside)

    def _waiting(self, loop: str) -> set[str]:
        open_states = (State.PENDING, State.INACTIVE)
        stored = (item for item in self._events.of(loop) if isinstance(item, Event))
        return {event.uid for event in stored if event.state in open_states}

    def _log(self, loop: str) -> "_Log":
        head = self._loops.state(loop, consistent=True).head
        log = _Log(head.kept.accounts_from)
        for commit in chain.kept(self._objects, head):
            lines = log.imported if commit.imported_lines else log.trained
            lines += [dsjson.origin(line) for line in chain.segment(self._objects, commit)]
        return log

    def _noted(self, loop: str) -> dict[What, set[str]]:
        noted: dict[What, set[str]] = {what: set() for what in What}
        for note in self._audit.read(loop):
            noted[note.what].add(note.uid)
        return noted


@dataclass(frozen=True, slots=True)
class _Log:
    accounts_from: int
    trained: list[Origin] = field(default_factory=list)
    imported: list[Origin] = field(default_factory=list)


def _balance(waiting: set[str], log: _Log, noted: dict[What, set[str]], aside: set[str]) -> Balance:
    times = Counter(origin.uid for origin in [*log.trained, *log.imported])
    trained, imported = ({origin.uid for origin in lines} for lines in (log.trained, log.imported))
    lapsed, erased = noted[What.LAPSED], noted[What.ERASED]
    forgotten = noted[What.FORGOTTEN] - times.keys()  # noted first: it may still be there
    # What was brought back is kept until that is certain; and of an event that came to its end, a
    # single change may have been set aside.
    quarantined = aside - times.keys() - lapsed - erased - forgotten
    ended = [trained, imported, forgotten, quarantined, lapsed, erased]
    everywhere = set[str]().union(*ended)
    pending = waiting - everywhere
    # Its first change may be unreadable, and the note of it may be gone before that of its end is.
    ranked = noted[What.RANKED] | waiting | quarantined | lapsed | erased | forgotten
    ranked |= {origin.uid for origin in log.trained if origin.ranked_at < log.accounts_from}
    return Balance(
        ranked=ranked,
        trained=trained,
        superseded={origin.uid for origin in log.trained if origin.why is Why.SUPERSEDED},
        lapsed=lapsed,
        erased=erased,
        imported=imported,
        forgotten=forgotten,
        quarantined=quarantined,
        pending=pending,
        in_flight=ranked - everywhere - pending,
        twice={uid for uid, count in times.items() if count > 1},
        misplaced=set[str]().union(*(a & b for a, b in combinations(ended, 2))),
        unexplained=everywhere - ranked - imported,
    )
