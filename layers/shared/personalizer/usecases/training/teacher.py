"""Teaching a loop more lines, on top of what it has learned."""

from collections.abc import Sequence
from dataclasses import dataclass

from personalizer.errors import InfrastructureError
from personalizer.ports import Engine, Objects
from personalizer.usecases import chain
from personalizer.usecases.chain import Grounds
from personalizer.usecases.training import ledger as ledgers
from personalizer.usecases.training.ledger import Ledger
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
        arguments = ledger.arguments(max(line.context_size for line in written))
        grounds = ledgers.grounds(self._objects, ledger, arguments)
        offset = ledger.state.configuration.cost_offset
        texts = chain.with_costs([line.text for line in written], offset, arguments)
        lesson = self._engine.learn(arguments, grounds.model, [*grounds.lines, *texts])
        if any(lesson.rejections[: len(grounds.lines)]):
            raise InfrastructureError("lines that were learned before are refused")
        rejections = lesson.rejections[len(grounds.lines) :]
        return Taught(arguments, grounds, lesson.model, rejections)
