"""Learn from a log that was written elsewhere, and from each of its decisions once.

Its lines become segments of the loop's own log, in commits like any other. The hub's positions and
the dedupe window are not theirs to move: what is known is told by the log itself.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from personalizer.batches import batches
from personalizer.domain.example import Example
from personalizer.domain.foreign import Foreign
from personalizer.domain.loop import Head
from personalizer.errors import LostRace
from personalizer.ports import Audit, Engine, Loops, Objects
from personalizer.usecases import chain, past
from personalizer.usecases.training import ledger as ledgers
from personalizer.usecases.training import lines, step
from personalizer.usecases.training.ledger import Ledger
from personalizer.usecases.training.lines import Line
from personalizer.usecases.training.step import Step
from personalizer.usecases.training.teacher import Teacher

CHUNK_BYTES = 4 * 1024 * 1024
CHUNK_LINES = 1_000
ATTEMPTS = 20


@dataclass(frozen=True, slots=True)
class Imported:
    """`refused` tells where, and why."""

    learned: int = 0
    known: int = 0
    refused: Sequence[tuple[str, str]] = ()

    def __add__(self, other: "Imported") -> "Imported":
        refused = [*self.refused, *other.refused]
        return Imported(self.learned + other.learned, self.known + other.known, refused)


@dataclass(slots=True)
class _Known:
    """What the loop has learned up to a generation."""

    uids: set[str] = field(default_factory=set)
    generation: int = -1


@dataclass(frozen=True, slots=True)
class _Written:
    found: Foreign
    line: Line


class Import:
    """`clock` gives epoch ms; `new_commit_id` a name that no other attempt will ever use."""

    def __init__(
        self,
        loops: Loops,
        objects: Objects,
        audit: Audit,
        engine: Engine,
        clock: Callable[[], int],
        new_commit_id: Callable[[], str],
    ):
        self._loops = loops
        self._objects = objects
        self._audit = audit
        self._engine = engine
        self._teacher = Teacher(objects, engine)
        self._clock = clock
        self._new_commit_id = new_commit_id

    def __call__(self, loop: str, found: Iterable[Foreign]) -> Iterator[Imported]:
        """What each chunk came to: what was said so is learned, whatever happens after.

        Raises LoopNotFound, NotProvable, ObjectMissing, ObjectCorrupt or PolicyUnusable.
        """
        known = _Known()
        for chunk in batches(found, _size, CHUNK_BYTES, CHUNK_LINES):
            written, refused = self._written(loop, chunk)
            yield self._learned(loop, written, known) + Imported(refused=refused)

    def _written(
        self, loop: str, chunk: Iterable[Foreign]
    ) -> tuple[list[_Written], list[tuple[str, str]]]:
        """The chunk as it will stand in the log, and what may not."""
        written, refused = list[_Written](), list[tuple[str, str]]()
        for each in chunk:
            features = self._engine.features(each.request)
            example = Example(each.decision, each.request.context_size, features)
            try:
                line = lines.line(replace(each.joined, loop=loop), example)
                written.append(_Written(each, line))
            except (ValueError, ArithmeticError) as error:
                refused.append((each.place, str(error)))
        return written, refused

    def _learned(self, loop: str, chunk: Sequence[_Written], known: _Known) -> Imported:
        for _ in range(ATTEMPTS):
            done = self._attempt(loop, chunk, known)
            if done is not None:
                return done
            if len(chunk) > 1:  # a busy trainer is faster than a long lesson
                middle = len(chunk) // 2
                first = self._learned(loop, chunk[:middle], known)
                return first + self._learned(loop, chunk[middle:], known)
        raise LostRace(loop)

    def _attempt(self, loop: str, chunk: Sequence[_Written], known: _Known) -> Imported | None:
        """None if somebody else committed first: then all of this was for nothing."""
        state = self._loops.state(loop, consistent=True)
        self._catch_up(known, state.head)
        new: dict[str, _Written] = {}
        for each in chunk:
            new.setdefault(each.found.joined.uid, each)
        fresh = [each for uid, each in new.items() if uid not in known.uids]
        repeated = len(chunk) - len(fresh)
        if not fresh:
            return Imported(known=repeated)
        ledger = ledgers.read(self._objects, state, [])
        return self._taught(ledger, fresh, repeated)

    def _taught(self, ledger: Ledger, fresh: Sequence[_Written], known: int) -> Imported | None:
        taught = self._teacher(ledger, [each.line for each in fresh])
        judged = [*zip(fresh, taught.rejections, strict=True)]
        refused = [(each.found.place, reason) for each, reason in judged if reason is not None]
        learned = [each.line for each, reason in judged if reason is None]
        done = Imported(len(learned), known, refused)
        if not learned:
            return done
        made = Step(taught.arguments, taught.grounds, taught.model, learned, imported_lines=True)
        commit_id, now = self._new_commit_id(), self._clock()
        return (
            done if step.write(self._loops, self._objects, ledger, made, commit_id, now) else None
        )

    def _catch_up(self, known: _Known, head: Head) -> None:
        """With what this import and others have added since."""
        if known.generation < head.kept.oldest - 1:
            known.uids |= past.known(self._objects, self._audit, head)
        else:
            newer = chain.since(self._objects, head.commit, known.generation)
            known.uids |= past.uids(self._objects, newer)
        known.generation = head.generation


def _size(found: Foreign) -> int:
    """In bytes of its features, roughly; what takes long to learn counts for more."""
    request = found.request
    features = request.context_size + sum(action.size for action in request.actions)
    return 32 * features + request.pairs // 4
