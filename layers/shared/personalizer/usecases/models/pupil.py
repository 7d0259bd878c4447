"""A model that was learned beside the loop, brought up to date before it takes the loop's place.

It learns on from where it stood, exactly as the loop's trainer would have taught it: then the log
makes it again, byte for byte.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import takewhile

from personalizer.domain.commit import Source
from personalizer.domain.evaluation.result import Learned
from personalizer.domain.loop import Head
from personalizer.errors import ObjectCorrupt, ObjectMissing
from personalizer.ports import Engine, Objects
from personalizer.usecases import chain
from personalizer.usecases.lessons import Course, lessons
from personalizer.usecases.training.ledger import RELEARNED_BYTES, RELEARNED_LINES, Grounds
from personalizer.usecases.training.step import Step


@dataclass(frozen=True, slots=True)
class Effort:
    """What may be learned at most before the model takes its place, each line counted as often as
    it is taught, and how long the log may be read for that."""

    lines: int = RELEARNED_LINES
    size: int = RELEARNED_BYTES
    milliseconds: int = 10_000


class _TooMuch(Exception):
    """There is more to learn than there may be."""


class Pupil:
    """It can be asked again and again, as the loop's log grows: it learns only what is new."""

    def __init__(
        self,
        objects: Objects,
        engine: Engine,
        learned: Learned,
        model: bytes,
        clock: Callable[[], int],
        effort: Effort,
    ):
        self._objects = objects
        self._engine = engine
        self._learned = learned
        self._course = Course(learned.arguments, learned.cost_offset, learned.replay)
        self._model = model
        self._next = learned.next_line
        self._is_whole = not learned.has_gaps
        self._effort = effort
        self._clock = clock
        self._until = clock() + effort.milliseconds

    def step(self, head: Head) -> Step:
        """That puts the model in the place of the head's: as one that the log makes again, or else
        as it is."""
        if self._is_reproducible(head) and self._catches_up(head):
            known = head.trained - self._learned.first_line
            grounds = Grounds(None, None, replay=self._learned.replay, known=known)
            return Step(self._learned.arguments, grounds, self._model)
        grounds = Grounds(None, None)
        return Step(self._learned.arguments, grounds, self._model, source=Source.IMPORTED)

    def _is_reproducible(self, head: Head) -> bool:
        """Lines before `learn_from` may be forgotten."""
        return (
            self._is_whole
            and self._learned.first_line >= head.learn_from
            and self._next <= head.trained
        )

    def _catches_up(self, head: Head) -> bool:
        if self._next == head.trained:
            return True
        try:
            past, news = self._since(head)
        except (_TooMuch, ObjectMissing, ObjectCorrupt):
            return False
        taught = lessons(self._course, news, self._next, past)
        lesson = self._engine.learn(
            self._learned.arguments, self._model, [each.line for each in taught]
        )
        if any(lesson.rejections):
            return False
        self._model, self._next = lesson.model, head.trained
        return True

    def _since(self, head: Head) -> tuple[list[bytes], list[bytes]]:
        """The lines that it did not learn yet, and before them those that may come back."""
        replay, count = self._learned.replay, head.trained - self._next
        times = 1 + replay.events
        if count * times > self._effort.lines:
            raise _TooMuch
        reach = min(replay.reach if replay.events else 0, self._next - self._learned.first_line)
        segments, size = list[list[bytes]](), 0
        wanted = takewhile(
            lambda commit: commit.first_line + commit.trained > self._next - reach,
            chain.commits(self._objects, head.commit),
        )
        for commit in wanted:
            segment = chain.segment(self._objects, commit)
            segments.append(segment)
            size += sum(map(len, segment))
            if size * times > self._effort.size or self._clock() > self._until:
                raise _TooMuch
        lines = [line for segment in reversed(segments) for line in segment]
        lines = lines[len(lines) - count - reach :]
        return lines[:reach], lines[reach:]
