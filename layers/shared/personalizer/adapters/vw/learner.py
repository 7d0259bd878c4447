"""Teaching, in a process of its own: an event that kills VW costs that process, never the batch.

For each lesson the nursery (see `nursery.py`) forks a child that starts from the immutable base
model. The child tells how far it came, so a silent death names its suspect. Another child is taught
the same; if it dies of that line too, the event is rejected, and a third is taught the others.
"""

import atexit
import os
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from personalizer.adapters.vw import children, nursery, papers, words
from personalizer.adapters.vw.papers import Answers
from personalizer.errors import InfrastructureError, ObjectCorrupt, PolicyUnusable
from personalizer.ports import Judged, Lesson, Opinion

TIMEOUT_S = 240
DOUBTS = 3
"""How many deaths of a lesson may be the machine's fault, short of memory, and not the line's."""


class Learner:
    """Owns one nursery process, started with the first lesson and again if it should die."""

    def __init__(self) -> None:
        self._nursery: subprocess.Popen[bytes] | None = None
        atexit.register(self.close)

    def learn(self, arguments: str, base: bytes | None, lines: Sequence[bytes]) -> Lesson:
        return self.judge(arguments, base, lines, ())

    def judge(
        self, arguments: str, base: bytes | None, lines: Sequence[bytes], asked: Sequence[int]
    ) -> Judged:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            papers.describe(folder, arguments, base)
            rejections = self._go_through(folder, lines, asked, words.way_to_ask(arguments))
            heard = papers.opinions(folder, _accepted(asked, rejections))
            model = (folder / nursery.NEW_MODEL).read_bytes()
            return Judged(model, rejections, heard)

    def consult(self, model: bytes, lines: Sequence[bytes]) -> Sequence[Opinion | None]:
        with tempfile.TemporaryDirectory() as name:
            folder, places = Path(name), range(len(lines))
            papers.describe_frozen(folder, model)
            try:
                rejections = self._go_through(folder, lines, places, nursery.ONLY)
            except PolicyUnusable as error:
                raise ObjectCorrupt("VW does not read this model") from error
            heard = papers.opinions(folder, _accepted(places, rejections))
            return [heard.get(place) for place in places]

    def close(self) -> None:
        """End the nursery; the next lesson starts another."""
        if self._nursery is None:
            return
        with self._nursery as process:  # closes its pipes
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
        self._nursery = None

    def _go_through(
        self, folder: Path, lines: Sequence[bytes], asked: Sequence[int], how: str
    ) -> Sequence[str | None]:
        """All of the lines but those that harm a child; for every line None or why it was rejected.
        What the last child leaves in the folder is of all the others."""
        rejections: list[str | None] = [None] * len(lines)
        suspects: set[bytes] = set()
        while True:
            pending = [index for index, reason in enumerate(rejections) if reason is None]
            moved = {index: place for place, index in enumerate(pending)}
            papers.write_lesson(
                folder,
                [lines[index] for index in pending],
                [moved[index] for index in asked if index in moved],
                how,
            )
            answers = self._answers(folder, len(pending))
            for place, reason in answers.refused.items():
                rejections[pending[place]] = reason
            if answers.count == len(pending):
                return rejections
            culprit = lines[pending[answers.count]]
            if answers.certain or culprit in suspects or len(suspects) >= DOUBTS:
                for index in pending:  # it may come again
                    if lines[index] == culprit:
                        rejections[index] = "killed the learner"
            suspects.add(culprit)

    def _answers(self, folder: Path, lines: int) -> Answers:
        try:
            status = self._ask(folder)
        except TimeoutError:
            return papers.late_answers(folder)
        return papers.answers(folder, lines, status)

    def _ask(self, folder: Path) -> int:
        """The exit status of the child that was taught. Raises TimeoutError after killing it."""
        process = self._running()
        assert process.stdin is not None  # noqa: S101 - both are pipes
        assert process.stdout is not None  # noqa: S101
        try:
            process.stdin.write(f"{folder}\n".encode())
            process.stdin.flush()
        except OSError as error:
            raise InfrastructureError("the nursery is gone") from error
        if not select.select([process.stdout], [], [], TIMEOUT_S)[0]:
            self.close()
            raise TimeoutError
        return int(process.stdout.readline() or -signal.SIGKILL)

    def _running(self) -> subprocess.Popen[bytes]:
        if self._nursery is not None and self._nursery.poll() is not None:
            self.close()
        if self._nursery is None:
            self._nursery = subprocess.Popen(  # noqa: S603 - our own interpreter and file, no shell
                [sys.executable, "-S", nursery.__file__],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=children.environment(),
                start_new_session=True,
            )
        return self._nursery


def _accepted(asked: Sequence[int], rejections: Sequence[str | None]) -> list[int]:
    return [place for place in asked if rejections[place] is None]
