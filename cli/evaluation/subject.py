"""The loop that is evaluated: a copy of a deployed one, or one whose log is in files.

Whatever is done to it is done in memory and in a folder, so that no loop ever notices.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from cli.evaluation.folder import Folder
from cli.evaluation.layered import Layered
from personalizer import bootstrap
from personalizer.adapters.memory import MemoryLoops
from personalizer.batches import batches
from personalizer.domain.commit import Commit, Source
from personalizer.domain.evaluation.job import SETTLING_MS, Named
from personalizer.domain.example import Example
from personalizer.domain.foreign import Foreign
from personalizer.domain.loop import Configuration, Head, LoopState
from personalizer.domain.policy import Policy
from personalizer.errors import LostRace
from personalizer.ports import Engine, Loops, Objects
from personalizer.usecases import policies
from personalizer.usecases.training import ledger as ledgers
from personalizer.usecases.training import lines as log
from personalizer.usecases.training import step as steps
from personalizer.usecases.training.ledger import Grounds
from personalizer.usecases.training.lines import Line
from personalizer.usecases.training.step import Step

SEGMENT_LINES = 10_000
SEGMENT_BYTES = 16 * 1024 * 1024
LOCAL = "_files"
"""The loop whose log is in files; none that is deployed can have such a name."""


@dataclass
class Subject:
    """`repeated` and `refused` lines of files are not in its log; `refused` tells where and why."""

    loop: str
    loops: MemoryLoops
    objects: Objects
    repeated: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)

    @property
    def state(self) -> LoopState:
        return self.loops.state(self.loop)

    def explore(self, share: float) -> None:
        old = self.state.configuration
        self.loops.configure(self.loop, old, replace(old, exploration=share))

    def clock(self) -> int:
        """Files are looked at when all that is in them is settled."""
        if self.loop != LOCAL:
            return bootstrap.now()
        last = self.state.head.kept.last_ranked_at or 0
        return last + 1 + self.state.configuration.reward_wait_ms + SETTLING_MS


def copy(loop: str, loops: Loops, objects: Objects, folder: Folder) -> Subject:
    """Raises LoopNotFound."""
    own = MemoryLoops()
    own.create(loop, loops.state(loop, consistent=True))
    return Subject(loop, own, Layered(folder, objects))


def of_files(
    found: Iterable[Foreign],
    policy: Policy,
    configuration: Configuration,
    engine: Engine,
    folder: Folder,
) -> Subject:
    """A loop with this policy and these settings, each line in its log once."""
    subject = Subject(LOCAL, MemoryLoops(), folder)
    head = Head(LOCAL, epoch=1, generation=0, policy=policies.put(folder, LOCAL, policy))
    subject.loops.create(LOCAL, LoopState(configuration, b"", head))
    written = _Written(subject, engine)
    for segment in batches(
        written(found), lambda line: len(line.text), SEGMENT_BYTES, SEGMENT_LINES
    ):
        _commit(
            subject, Step(policy.arguments, Grounds(None, None), b"", segment, imported_lines=True)
        )
    return subject


def with_model(subject: Subject, name: str, model: bytes, engine: Engine) -> Named:
    """Raises ModelRefused."""
    arguments = engine.examine(model)
    step = Step(arguments, Grounds(None, None), model, source=Source.IMPORTED)
    return Named(name, arguments, _commit(subject, step).generation)


class _Written:
    """Lines as they will stand in the log."""

    def __init__(self, subject: Subject, engine: Engine):
        self._subject = subject
        self._engine = engine
        self._known: set[bytes] = set()

    def __call__(self, found: Iterable[Foreign]) -> Iterable[Line]:
        for each in found:
            uid = bytes.fromhex(each.joined.uid)
            if uid in self._known:
                self._subject.repeated += 1
                continue
            self._known.add(uid)
            try:
                yield self._line(each)
            except (ValueError, ArithmeticError) as error:
                self._subject.refused.append((each.place, str(error)))

    def _line(self, found: Foreign) -> Line:
        request = found.request
        features = self._engine.features(request)
        example = Example(found.decision, request.context_size, features)
        return log.line(replace(found.joined, loop=self._subject.loop), example)


def _commit(subject: Subject, step: Step) -> Commit:
    ledger = ledgers.read(subject.objects, subject.state, [])
    commit_id, now = bootstrap.new_uid(), bootstrap.now()
    made = steps.write(subject.loops, subject.objects, ledger, step, commit_id, now)
    if made is None:
        raise LostRace(subject.loop)
    return made
