"""Teaching a loop more lines, on top of what it has learned."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from personalizer.domain.replay import NO_REPLAY
from personalizer.errors import InfrastructureError
from personalizer.ports import Engine, Objects
from personalizer.usecases.lessons import Course, lessons
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
        widest = max((line.context_size for line in written if not line.skipped), default=0)
        arguments = ledger.arguments(widest)
        grounds = ledgers.grounds(self._objects, self._engine, ledger, arguments)
        offset, first = ledger.state.configuration.cost_offset, ledger.state.head.trained
        rejections: list[str | None] = [None] * len(written)
        while True:
            kept = [at for at, reason in enumerate(rejections) if reason is None]
            texts = [written[at].text for at in kept]
            course = Course(arguments, offset, grounds.replay)
            model, refused = self._taught(grounds, course, first, texts)
            if min(refused, default=0) < -len(grounds.relearned):  # to learn goes on without it
                grounds = replace(grounds, past=(), replay=NO_REPLAY)
                continue
            if min(refused, default=0) < 0:
                raise InfrastructureError("lines that were learned before are refused")
            if not refused:
                return Taught(arguments, grounds, model, rejections)
            for at, reason in refused.items():  # the others move up, so what comes back changes
                rejections[kept[at]] = reason

    def _taught(
        self, grounds: Grounds, course: Course, first: int, texts: Sequence[bytes]
    ) -> tuple[bytes, dict[int, str]]:
        """The model, and which lines were refused, by their places after the log's end, and why."""
        start = first - len(grounds.relearned)
        taught = lessons(course, [*grounds.relearned, *texts], start, grounds.past)
        lines = [each.line for each in taught]
        lesson = self._engine.learn(course.arguments, grounds.model, lines)
        answers = zip(taught, lesson.rejections, strict=True)
        refused = {each.position - first: reason for each, reason in answers if reason is not None}
        return lesson.model, refused
