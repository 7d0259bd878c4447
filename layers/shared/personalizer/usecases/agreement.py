"""Is an apprentice ready? How often it chose as the application did, lately and ever."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from personalizer import dsjson
from personalizer.domain.agreement import Agreement
from personalizer.domain.commit import Commit
from personalizer.domain.event import LearningMode
from personalizer.domain.loop import Head
from personalizer.ports import Loops, Objects
from personalizer.usecases import chain

LATEST_EVENTS = 1_000
LATEST_SEGMENTS = 200
"""How far back in the log the latest events are looked for."""


@dataclass(frozen=True, slots=True)
class Progress:
    """`mode` is what the loop is set to now.

    `latest` is of the last 1,000 events in Apprentice mode, or of those among the last 200 segments
    of the log. `ever` is of all of them: it goes on when the model is reset or replaced, so that
    the loop's history stays whole, but then says less of the model that there is. A loop that never
    was an apprentice has none of either.
    """

    mode: LearningMode
    latest: Agreement
    ever: Agreement


class MeasureAgreement:
    def __init__(self, loops: Loops, objects: Objects):
        self._loops = loops
        self._objects = objects

    def __call__(self, loop: str) -> Progress:
        """Events count once they are in the log. Raises LoopNotFound."""
        state = self._loops.state(loop, consistent=True)
        mode, ever = state.configuration.learning_mode, self._ever(state.head)
        return Progress(mode, self._latest(state.head) if ever.events else Agreement(), ever)

    def _ever(self, head: Head) -> Agreement:
        if head.commit is None:
            return Agreement()
        return chain.decoded(self._objects, head.commit, Commit).apprentice

    def _latest(self, head: Head) -> Agreement:
        trials = (trial for trial in self._newest_first(head) if trial.events)
        return sum(islice(trials, LATEST_EVENTS), Agreement())

    def _newest_first(self, head: Head) -> Iterator[Agreement]:
        for commit in islice(chain.commits(self._objects, head.commit), LATEST_SEGMENTS):
            yield from map(dsjson.agreement, reversed(chain.segment(self._objects, commit)))
