"""All the loops of a deployment: which there are, and making, changing and deleting them."""

from collections.abc import Callable, Sequence

from personalizer.domain.loop import Configuration, LoopState
from personalizer.errors import LoopNotFound
from personalizer.ports import Loops, Objects
from personalizer.usecases.configure import Change, Configure
from personalizer.usecases.provision import create_loop


class Fleet:
    def __init__(self, loops: Loops, objects: Objects, clock: Callable[[], int]):
        self._loops = loops
        self._objects = objects
        self._clock = clock

    def loops(self) -> Sequence[str]:
        return sorted(self._loops.all())

    def state(self, loop: str) -> LoopState:
        """Raises LoopNotFound."""
        return self._loops.state(loop, consistent=True)

    def put(self, loop: str, change: Change) -> bool:
        """Make the loop with these settings, or give them to it; whether it was made.

        Raises ValueError for what is no name, NameReserved, and what the change raises.
        """
        if create_loop(self._loops, self._objects, loop, change(Configuration())):
            return True
        Configure(self._loops, self._clock)(loop, change)
        return False

    def delete(self, loop: str) -> None:
        """Raises LoopNotFound."""
        if not self._loops.delete(loop, self._clock()):
            raise LoopNotFound(loop)
