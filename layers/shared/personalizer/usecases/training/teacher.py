"""Teaching a loop more lines, on top of what it has learned."""

from collections.abc import Sequence
from dataclasses import dataclass

from personalizer.errors import InfrastructureError
from personalizer.ports import Engine, Objects
from personalizer.usecases import chain
from personalizer.usecases.training import ledger as ledgers
from personalizer.usecases.training.ledger import Grounds, Ledger
from personalizer.usecases.training.lines import Line


@dataclass(frozen=True, slots=True)
class Taught:
    """The model, what it was made with and from, and for every line None or why it was refused."""

    arguments: str
    grounds: Grounds
    model: bytes
    rejections: Sequence[str | None]


class Teacher:
    def __init__(self, objects: Objects, engine: Engine):
        self._objects = objects
        self._engine = engine

    def __call__(self, ledger: Ledger, written: Sequence[Line]) -> Taught:
        """Lines that are to be skipped teach nothing, and are not refused: alone, they make a model
        that is its base or, in a loop that has none, one that knows nothing."""
        taught = [line for line in written if not line.skipped]
        arguments = ledger.arguments(max((line.context_size for line in taught), default=0))
        grounds = ledgers.grounds(self._objects, self._engine, ledger, arguments)
        offset = ledger.state.configuration.cost_offset
        lessons = chain.lessons([line.text for line in taught], offset, arguments)
        lesson = self._engine.learn(arguments, grounds.model, [*grounds.lessons, *lessons])
        if any(lesson.rejections[: len(grounds.lessons)]):
            raise InfrastructureError("lines that were learned before are refused")
        answers = iter(lesson.rejections[len(grounds.lessons) :])
        rejections = [None if line.skipped else next(answers) for line in written]
        return Taught(arguments, grounds, lesson.model, rejections)
