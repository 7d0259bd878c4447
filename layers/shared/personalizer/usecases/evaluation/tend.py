"""Once an hour, for every loop: what is stuck, what is due, what is too old, and what to watch."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from personalizer.domain.evaluation.job import Job
from personalizer.ports import Loops
from personalizer.usecases.evaluation.leftovers import Leftovers
from personalizer.usecases.evaluation.optimise import Due, Optimise
from personalizer.usecases.evaluation.settle import Settle
from personalizer.usecases.evaluation.watching import Watched, Watching


@dataclass(frozen=True, slots=True)
class Tended:
    due: list[Due]
    watched: list[Watched]
    stragglers: list[Job]


class Tend:
    def __init__(
        self,
        loops: Loops,
        leftovers: Leftovers,
        settle: Settle,
        optimise: Optimise,
        watching: Watching,
    ):
        self._loops = loops
        self._leftovers = leftovers
        self._settle = settle
        self._optimise = optimise
        self._watching = watching

    def __call__(self, has_time: Callable[[], bool]) -> Tended:
        """Every loop in its turn, then raise for those that met a fault. Of those that are watched
        the one comes first that was left alone longest: there may be no time for all."""
        names, faults = [*self._loops.all()], list[Exception]()
        found, unattended = Tended([], [], []), list[tuple[int, str]]()

        def each(see_to: Callable[[str], None], loops: Iterable[str]) -> None:
            for loop in loops:
                try:
                    see_to(loop)
                except Exception as fault:  # raised again below, once the others had their turn
                    faults.append(fault)

        def quickly(loop: str) -> None:
            found.stragglers.extend(self._settle.stragglers(loop))
            found.due.extend(filter(None, [self._optimise(loop)]))
            self._optimise.prune(loop)

        def queue(loop: str) -> None:
            if (since := self._watching.unattended(loop)) is not None:
                unattended.append((since, loop))

        def watch(loop: str) -> None:
            found.watched.extend(filter(None, [self._watching(loop, has_time)]))

        each(self._leftovers.of_deleted_loop, (loop for loop, _ in self._loops.deleted()))
        each(self._leftovers.outdated, names)
        each(quickly, names)
        each(queue, names)
        each(watch, [loop for _, loop in sorted(unattended)])
        if faults:
            raise ExceptionGroup("some loops were not seen to", faults)
        return found
