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
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from personalizer.adapters.vw import children, nursery, words
from personalizer.errors import InfrastructureError, PolicyUnusable
from personalizer.ports import Lesson

TIMEOUT_S = 240
DOUBTS = 3
"""How many deaths of a lesson may be the machine's fault, short of memory, and not the line's."""


class Learner:
    """Owns one nursery process, started with the first lesson and again if it should die."""

    def __init__(self) -> None:
        self._nursery: subprocess.Popen[bytes] | None = None
        atexit.register(self.close)

    def learn(self, arguments: str, base: bytes | None, lines: Sequence[bytes]) -> Lesson:
        rejections: list[str | None] = [None] * len(lines)
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            _describe(folder, arguments, base)
            suspects: set[bytes] = set()
            while True:
                pending = [index for index, reason in enumerate(rejections) if reason is None]
                answers = self._teach(folder, [lines[index] for index in pending])
                for place, reason in answers.refused.items():
                    rejections[pending[place]] = reason
                if answers.count == len(pending):
                    return Lesson((folder / nursery.NEW_MODEL).read_bytes(), rejections)
                culprit = lines[pending[answers.count]]
                if answers.certain or culprit in suspects or len(suspects) >= DOUBTS:
                    for index in pending:  # it may come again
                        if lines[index] == culprit:
                            rejections[index] = "killed the learner"
                suspects.add(culprit)

    def close(self) -> None:
        """End the nursery; the next lesson starts another."""
        if self._nursery is None:
            return
        with self._nursery as process:  # closes its pipes
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
        self._nursery = None

    def _teach(self, folder: Path, lines: Sequence[bytes]) -> "_Answers":
        _write_lesson(folder, lines)
        try:
            status = self._ask(folder)
        except TimeoutError:
            started = (folder / nursery.ANSWERS).read_bytes()
            if _progress(folder) or not started:  # the line at work need not have taken the time
                raise InfrastructureError("the lesson took too long") from None
            return _Answers(0, {}, certain=True)
        count = _progress(folder)
        ready, *told = (folder / nursery.ANSWERS).read_text().splitlines() or [""]
        if ready == nursery.REFUSED:
            raise PolicyUnusable("the learner refuses the policy's arguments, or the model")
        if told[-1:] == [nursery.RUINED]:
            raise PolicyUnusable("the model has no finite opinion after these events")
        if not ready or (count == len(lines) and status != 0):  # no line is to blame
            raise InfrastructureError(f"the learner ended with {status}")
        return _Answers(count, dict(map(_refusal, told)), certain=False)

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


@dataclass(frozen=True, slots=True)
class _Answers:
    """Of a child: to so many lines, fewer than there were if it died; which of them it refused, and
    why; and whether it died of the next one for certain."""

    count: int
    refused: Mapping[int, str]
    certain: bool


def _progress(folder: Path) -> int:
    return int.from_bytes((folder / nursery.PROGRESS).read_bytes())


def _refusal(told: str) -> tuple[int, str]:
    place, _, reason = told.partition(" ")
    return int(place), reason


def _write_lesson(folder: Path, lines: Sequence[bytes]) -> None:
    """Each line once, and the order in which they come: some come again and again."""
    numbers = {line: number for number, line in enumerate(dict.fromkeys(lines))}
    (folder / nursery.LINES).write_bytes(b"\n".join(numbers))
    order = [numbers[line] for line in lines]
    (folder / nursery.ORDER).write_bytes(msgspec.json.encode(order))
    (folder / nursery.ANSWERS).write_bytes(b"")
    (folder / nursery.PROGRESS).write_bytes(bytes(nursery.PROGRESS_BYTES))


def _describe(folder: Path, arguments: str, base: bytes | None) -> None:
    """What every child of this lesson starts from. A model holds most of its arguments itself."""
    started_with = words.to_start(arguments) if base is None else words.to_continue(arguments)
    if base is not None:
        (folder / nursery.BASE_MODEL).write_bytes(base)
        started_with += ["-i", str(folder / nursery.BASE_MODEL)]
    (folder / nursery.ARGUMENTS).write_bytes(msgspec.json.encode(started_with))
