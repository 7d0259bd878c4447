"""Keep of every loop's log what its settings want kept, and no more."""

from collections.abc import Callable
from dataclasses import dataclass

from personalizer.ports import Loops
from personalizer.usecases.forget import Forget


@dataclass(frozen=True, slots=True)
class Retained:
    """`behind`: loops of which there was more to remove than there was time."""

    loops: int
    behind: int


class Retention:
    def __init__(self, loops: Loops, forget: Forget):
        self._loops = loops
        self._forget = forget

    def __call__(self, has_time: Callable[[], bool]) -> Retained:
        """Every loop in its turn, then raise for those that met a fault: the next run tries again.

        A loop that is behind goes on where it was; that leaves none without its turn.
        """
        names = [*self._loops.all()]
        waiting, faults = list[str](), list[Exception]()
        for loop in names:
            try:
                self._forget.outdated(loop)
                waiting.append(loop)
            except Exception as fault:  # raised again below, once the others had their turn
                faults.append(fault)
        while waiting and has_time():
            loop = waiting.pop(0)
            try:
                if not self._forget.clear(loop):
                    waiting.append(loop)
            except Exception as fault:
                faults.append(fault)
        if faults:
            raise ExceptionGroup("some loops were not seen to", faults)
        return Retained(len(names), len(waiting))
