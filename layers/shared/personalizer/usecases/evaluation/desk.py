"""A job's own place on the workbench: what its run has made so far, by name."""

from collections.abc import Collection, Iterator

from personalizer.domain import names
from personalizer.domain.evaluation.job import Job, JobRef
from personalizer.errors import ObjectMissing
from personalizer.ports import Workbench
from personalizer.usecases.evaluation import kept, parts
from personalizer.usecases.evaluation.parts import Part

PLANNING, PLAN, GATHERED = "planning", "plan", "gathered"
SEARCH, STUDIES = "search", "studies"
_MODEL = "model-"
_PASSING = (
    *(PLANNING, PLAN, GATHERED, SEARCH, STUDIES, _MODEL),
    *("segments-", "part-", "gathered-", "study-", "weights-"),
)


class Desk:
    def __init__(self, workbench: Workbench, ref: JobRef):
        self._workbench = workbench
        self._prefix = names.job(*ref)

    def key(self, name: str) -> str:
        return self._prefix + name

    def lay[T](self, name: str, thing: T) -> None:
        self._workbench.write(self.key(name), kept.packed(thing))

    def take[T](self, name: str, kind: type[T]) -> T:
        """Raises ObjectMissing or ObjectCorrupt."""
        return kept.unpacked(self._workbench.read(self.key(name)), kind, self.key(name))

    def find[T](self, name: str, kind: type[T]) -> T | None:
        """None if it was never laid there."""
        try:
            return self.take(name, kind)
        except ObjectMissing:
            return None

    def lay_bytes(self, name: str, data: bytes) -> str:
        """Returns its key."""
        self._workbench.write(self.key(name), data)
        return self.key(name)

    def take_bytes(self, key: str) -> bytes:
        """Raises ObjectMissing."""
        return self._workbench.read(key)

    def lay_piece(self, part: int, number: int, piece: Part) -> None:
        self._workbench.write(self.key(f"{_part(part)}{number:04d}"), parts.encode(piece))

    def pieces(self, part: int) -> Iterator[Part]:
        """Of a part, in order."""
        for key in [*self._workbench.keys(self.key(_part(part)))]:
            yield parts.decode(self._workbench.read(key))

    def tidy(self, wanted: Collection[str] = ()) -> None:
        """Let go of what only a run needs, of which the copies of the log are most; not of these
        keys, nor of what a run leaves behind."""
        own = self._workbench.keys(self._prefix)
        passing = [key for key in own if key.removeprefix(self._prefix).startswith(_PASSING)]
        self._workbench.delete([key for key in passing if key not in wanted])


def is_waste(name: str, job: Job) -> bool:
    """Whether nobody needs it any more of what a job has laid down. Models may be in its result."""
    may_be_told = job.status.has_result and name.startswith(_MODEL)
    return job.status.is_over and name.startswith(_PASSING) and not may_be_told


def _part(part: int) -> str:
    return f"part-{part:06d}-"


def segments(part: int) -> str:
    return f"segments-{part:06d}"


def gathered(part: int) -> str:
    return f"gathered-{part:06d}"


def pursuit(study: str) -> str:
    return f"study-{study}"
