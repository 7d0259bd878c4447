"""Make a loop's model again, from its log, when it is lost."""

from collections.abc import Callable

from personalizer.domain.commit import Commit
from personalizer.errors import InfrastructureError, LostRace, ObjectCorrupt, ObjectMissing
from personalizer.ports import Engine, Loops, Objects
from personalizer.usecases.lessons import Course, lessons
from personalizer.usecases.training import ledger as ledgers
from personalizer.usecases.training import step as steps
from personalizer.usecases.training.step import Step


class Rebuild:
    """`clock` gives epoch ms; `new_commit_id` a name that no other attempt will ever use.

    The trainer does the same, within bounds, when it meets a model that is lost; this needs no
    events to come, and knows no bounds.
    """

    def __init__(
        self,
        loops: Loops,
        objects: Objects,
        engine: Engine,
        clock: Callable[[], int],
        new_commit_id: Callable[[], str],
    ):
        self._loops = loops
        self._objects = objects
        self._engine = engine
        self._clock = clock
        self._new_commit_id = new_commit_id

    def __call__(self, loop: str) -> int | None:
        """The generation of the new model, the same to the byte unless there is a new policy to
        learn by; None if there was nothing to do.

        Raises ObjectMissing or ObjectCorrupt if the log is lost too.
        """
        state = self._loops.state(loop, consistent=True)
        ledger = ledgers.read(self._objects, state, [])
        if ledger.last is None or state.head.latest is None or self._intact(ledger.last):
            return None
        arguments = ledger.arguments(widest_context=0)
        grounds = ledgers.grounds(self._objects, self._engine, ledger, arguments, bounded=False)
        course = Course(arguments, state.configuration.cost_offset, grounds.replay)
        first = state.head.trained - len(grounds.relearned)
        again = lessons(course, grounds.relearned, first)
        lesson = self._engine.learn(arguments, grounds.model, [taught.line for taught in again])
        if any(lesson.rejections):
            raise InfrastructureError("lines that were learned before are refused")
        step = Step(arguments, grounds, lesson.model)
        commit_id, now = self._new_commit_id(), self._clock()
        if not steps.write(self._loops, self._objects, ledger, step, commit_id, now):
            raise LostRace(loop)
        return state.head.generation + 1

    def _intact(self, commit: Commit) -> bool:
        try:
            self._objects.get(commit.model.object)
        except (ObjectMissing, ObjectCorrupt):
            return False
        return True
