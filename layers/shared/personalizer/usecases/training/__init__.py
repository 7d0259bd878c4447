"""Learn from joined events, each exactly once in effect.

Everything that a commit refers to is written before it, immutably and under its own name; the one
conditional write of the loop's head makes it count. A crash before that leaves orphans, a crash
after it leaves a redelivery in which nothing is new. Nothing that was mutated outlives an attempt.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from personalizer import records
from personalizer.domain import dedupe
from personalizer.domain.dedupe import Delivery
from personalizer.domain.health import Health
from personalizer.errors import (
    UNREADABLE,
    LoopNotFound,
    LostRace,
    ObjectCorrupt,
    ObjectMissing,
    PolicyUnusable,
    Unreadable,
)
from personalizer.ports import Engine, Loops, Objects, Quarantine
from personalizer.usecases.training import ledger as ledgers
from personalizer.usecases.training import lines
from personalizer.usecases.training import step as steps
from personalizer.usecases.training.ledger import Ledger
from personalizer.usecases.training.lines import Arrival, DeliveredLine
from personalizer.usecases.training.step import Step
from personalizer.usecases.training.teacher import Teacher

ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Trained:
    """What one loop's share of a batch came to; `learned` is what is new in its log.

    `healed`: it had to learn a lost model again. `dropped`: the loop was deleted. `health` is the
    model's that was made.
    """

    loop: str
    generation: int
    learned: int
    quarantined: int
    repeated: int
    healed: bool = False
    dropped: int = 0
    health: Health | None = field(default=None, compare=False)


class Training:
    """`clock` gives epoch ms; `new_commit_id` a name that no other attempt will ever use."""

    def __init__(
        self,
        loops: Loops,
        objects: Objects,
        quarantine: Quarantine,
        engine: Engine,
        clock: Callable[[], int],
        new_commit_id: Callable[[], str],
    ):
        self._loops = loops
        self._objects = objects
        self._quarantine = quarantine
        self._teacher = Teacher(objects, engine)
        self._clock = clock
        self._new_commit_id = new_commit_id

    def __call__(self, arrivals: Iterable[Arrival]) -> list[Trained]:
        """Train every loop that can be, then raise for those that met a fault worth a retry."""
        trained: list[Trained] = []
        faults: dict[str, Exception] = {}
        for part in lines.parts(arrivals):
            by_loop, unreadable = self._by_loop(part)
            trained += [Trained(UNREADABLE, 0, 0, unreadable, 0)] if unreadable else []
            for loop, deliveries in by_loop.items():
                if loop in faults:  # what comes later must not overtake
                    continue
                try:
                    trained.append(self._train(loop, deliveries))
                except Exception as fault:  # raised again below, once the others are trained
                    faults[loop] = fault
        if faults:
            raise ExceptionGroup("some loops were not trained", [*faults.values()])
        return trained

    def _by_loop(self, arrivals: Iterable[Arrival]) -> tuple[dict[str, list[Delivery]], int]:
        """The joined events of each loop, and how many arrivals could not be read."""
        loops: dict[str, list[Delivery]] = defaultdict(list)
        unreadable = 0
        for arrival in arrivals:
            try:
                found = lines.deliveries(arrival)
            except Unreadable as error:
                self._quarantine.put(UNREADABLE, error.place, str(error), error.data)
                unreadable += 1
                continue
            for delivery in found:
                loops[delivery.joined.loop].append(delivery)
        return loops, unreadable

    def _train(self, loop: str, deliveries: Sequence[Delivery]) -> Trained:
        """A loop that cannot be continued from is set aside: it must not block the others."""
        try:
            return self._committed(loop, deliveries)
        except LoopNotFound as error:
            if self._loops.is_deleted(loop):  # and so is whatever still comes of it
                return Trained(loop, 0, 0, 0, 0, dropped=len(deliveries))
            return self._aside(loop, deliveries, error)
        except (ObjectMissing, ObjectCorrupt, PolicyUnusable) as error:
            return self._aside(loop, deliveries, error)

    def _aside(self, loop: str, deliveries: Sequence[Delivery], error: Exception) -> Trained:
        for delivery in deliveries:
            self._set_aside(delivery, f"{type(error).__name__}: {error}")
        return Trained(loop, 0, 0, len(deliveries), 0)

    def _committed(self, loop: str, deliveries: Sequence[Delivery]) -> Trained:
        for _ in range(ATTEMPTS):
            state = self._loops.state(loop, consistent=True)
            try:
                ledger = ledgers.read(self._objects, state, deliveries)
                trained = self._attempt(ledger, deliveries)
            except ObjectMissing:
                if self._loops.state(loop, consistent=True).head == state.head:
                    raise
                continue  # what was being read was forgotten meanwhile
            if trained is not None:
                return trained
        raise LostRace(loop)

    def _attempt(self, ledger: Ledger, deliveries: Sequence[Delivery]) -> Trained | None:
        """None if somebody else committed first: then all of this was for nothing."""
        selection = dedupe.select(
            deliveries,
            ledger.positions,
            ledger.seen,
            ledger.horizon,
            ledger.since_proofs,
            ledger.proofs_from,
        )
        for delivery in selection.too_old:
            self._set_aside(delivery, "older than the dedupe window")
        new = len(selection.fresh) + len(selection.too_old)
        head = ledger.state.head
        step = self._taught(ledger, self._lines(selection.fresh), deliveries, new)
        if step is None:
            return Trained(head.loop, head.generation, 0, new, len(deliveries) - new)
        commit_id, now = self._new_commit_id(), self._clock()
        commit = steps.write(self._loops, self._objects, ledger, step, commit_id, now)
        if commit is None:
            return None
        return Trained(
            head.loop,
            commit.generation,
            len(step.logged),
            step.quarantined,
            len(deliveries) - new,
            step.grounds.healed,
            health=commit.health,
        )

    def _lines(self, deliveries: Iterable[Delivery]) -> list[DeliveredLine]:
        written: list[DeliveredLine] = []
        for delivery in deliveries:
            try:
                written.append(lines.delivered(delivery))
            except (ValueError, ArithmeticError, OSError) as error:
                self._set_aside(delivery, str(error))
        return written

    def _taught(
        self,
        ledger: Ledger,
        written: Sequence[DeliveredLine],
        deliveries: Sequence[Delivery],
        new: int,
    ) -> Step | None:
        """The step that these lines make; None if there is nothing to keep of them."""
        if not written:
            return None
        taught = self._teacher(ledger, written)
        logged: list[DeliveredLine] = []
        for line, rejection in zip(written, taught.rejections, strict=True):
            if rejection is None:
                logged.append(line)
            else:
                self._set_aside(line.delivery, rejection)
        if not logged:
            return None
        quarantined = new - len(logged)
        return Step(taught.arguments, taught.grounds, taught.model, logged, deliveries, quarantined)

    def _set_aside(self, delivery: Delivery, reason: str) -> None:
        joined = delivery.joined
        self._quarantine.put(joined.loop, joined.uid, reason, records.encode(joined))
