"""A loop's past: the commits that lead back from its head, and what each of them learned.

A model is a cache of the log: what a commit's model was made from is written down, so that a model
that is lost can be made again, the same to the byte.
"""

import gzip
import zlib
from collections.abc import Iterator, Sequence
from itertools import groupby, takewhile
from operator import itemgetter

import msgspec

from personalizer.domain.commit import Commit, Source
from personalizer.domain.loop import Head, ObjectRef
from personalizer.errors import (
    GenerationNotFound,
    InfrastructureError,
    ObjectCorrupt,
    ObjectMissing,
)
from personalizer.ports import Engine, Objects
from personalizer.usecases.lessons import Course, lessons


def decoded[T](objects: Objects, ref: ObjectRef, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(objects.get(ref), type=kind)
    except msgspec.DecodeError as error:
        raise ObjectCorrupt(f"{ref.key}: {error}") from error


def commits(objects: Objects, newest: ObjectRef | None) -> Iterator[Commit]:
    """From the newest back to the first. Raises ObjectMissing or ObjectCorrupt where it breaks."""
    while newest is not None:
        commit = decoded(objects, newest, Commit)
        yield commit
        newest = commit.previous


def since(objects: Objects, newest: ObjectRef | None, generation: int) -> Iterator[Commit]:
    """The commits after this generation, newest first."""
    return takewhile(lambda commit: commit.generation > generation, commits(objects, newest))


def kept(objects: Objects, head: Head) -> Iterator[Commit]:
    """The commits whose lines are not forgotten, newest first."""
    return since(objects, head.commit, head.kept.oldest - 1)


def segment(objects: Objects, commit: Commit) -> list[bytes]:
    """The lines of the log that a commit added."""
    return lines(objects, commit.log)


def lines(objects: Objects, log: ObjectRef) -> list[bytes]:
    """Those of a segment of the log. Raises ObjectMissing or ObjectCorrupt."""
    try:
        return gzip.decompress(objects.get(log)).splitlines()
    except (OSError, EOFError, zlib.error) as error:
        raise ObjectCorrupt(f"{log.key}: {error}") from error


def lines_before(objects: Objects, newest: ObjectRef | None, count: int) -> list[bytes]:
    """The last so many lines of the log up to a commit, or as many as there are."""
    found: list[bytes] = []
    for commit in commits(objects, newest):
        if len(found) >= count:
            break
        found = [*segment(objects, commit), *found]
    return found[max(0, len(found) - count) :]


def lessons_of(objects: Objects, commit: Commit) -> list[bytes]:
    """All that made the commit's model out of its base."""
    before = lines_before(objects, commit.previous, commit.relearned + commit.recalled)
    past, again = before[: commit.recalled], before[commit.recalled :]
    logged = [*again, *segment(objects, commit)]
    taught = lessons(Course.of(commit), logged, commit.first_line - commit.relearned, past)
    return [lesson.line for lesson in taught]


def model(
    objects: Objects, engine: Engine, commit: Commit, commits: int, size: int
) -> tuple[bytes | None, bool]:
    """The commit's model, and whether it was lost: then it is made again, from the nearest one
    before it that is not.

    Raises what kept it from the model once that comes to more than so many lost ones, or bytes, or
    to one that was imported.
    """
    newest_first: list[tuple[str, list[bytes]]] = []
    lost = total = 0
    while True:
        try:
            return _continued(engine, given(objects, commit), newest_first), lost > 0
        except (ObjectMissing, ObjectCorrupt):
            lost += 1
            if commit.source is Source.LEARNED:
                taught = lessons_of(objects, commit)
                newest_first.append((commit.arguments, taught))
                total += sum(map(len, taught))
            if commit.source is Source.IMPORTED or lost > commits or total > size:
                raise
        if commit.base is None:
            return _continued(engine, None, newest_first), True
        commit = find(objects, commit.previous, commit.base.generation)


def given(objects: Objects, commit: Commit) -> bytes:
    """The commit's model as it is stored. Raises ObjectMissing or ObjectCorrupt."""
    try:
        return objects.get(commit.model.object)
    except (ObjectMissing, ObjectCorrupt) as error:
        if commit.source is not Source.IMPORTED:
            raise
        raise type(error)(f"{error}: it was imported, so that no log makes it again") from error


def find(objects: Objects, newest: ObjectRef | None, generation: int) -> Commit:
    """The commit of this generation. Raises GenerationNotFound."""
    for commit in since(objects, newest, generation - 1):
        if commit.generation == generation:
            return commit
    raise GenerationNotFound(f"there is no generation {generation}")


def _continued(
    engine: Engine, base: bytes | None, newest_first: Sequence[tuple[str, list[bytes]]]
) -> bytes | None:
    """However lines are cut into lessons, the model is the same: those of one policy are joined."""
    for arguments, parts in groupby(reversed(newest_first), key=itemgetter(0)):
        taught = engine.learn(arguments, base, [line for _, lines in parts for line in lines])
        if any(taught.rejections):
            raise InfrastructureError("lines that were learned before are refused")
        base = taught.model
    return base
