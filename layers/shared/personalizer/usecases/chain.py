"""A loop's past: the commits that lead back from its head, and what each of them learned.

A model is a cache of the log: what a commit's model was made from is written down, so that a model
that is lost can be made again, the same to the byte.
"""

import gzip
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, takewhile
from operator import itemgetter

import msgspec

from personalizer import dsjson
from personalizer.domain import policy
from personalizer.domain.commit import Commit, Source
from personalizer.domain.loop import Head, ObjectRef
from personalizer.errors import (
    GenerationNotFound,
    InfrastructureError,
    ObjectCorrupt,
    ObjectMissing,
)
from personalizer.ports import Engine, Objects


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
    try:
        return gzip.decompress(objects.get(commit.log)).splitlines()
    except (OSError, EOFError) as error:
        raise ObjectCorrupt(f"{commit.log.key}: {error}") from error


def lessons(logged: Iterable[bytes], offset: float, arguments: str) -> list[bytes]:
    """What VW is taught of these lines: those that are not to be skipped, each with the cost
    offset - reward, within the policy's range."""
    low, high = policy.cost_range(arguments)
    return [
        dsjson.with_cost(line, min(max(offset - dsjson.reward(line), low), high))
        for line in logged
        if not dsjson.skipped(line)
    ]


def lessons_of(objects: Objects, commit: Commit) -> list[bytes]:
    """All that made the commit's model out of its base."""
    return lessons(_logged(objects, commit), commit.cost_offset, commit.arguments)


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
            return _taught(engine, given(objects, commit), newest_first), lost > 0
        except (ObjectMissing, ObjectCorrupt):
            lost += 1
            if commit.source is Source.LEARNED:
                logged = _logged(objects, commit)
                taught = lessons(logged, commit.cost_offset, commit.arguments)
                newest_first.append((commit.arguments, taught))
                total += sum(map(len, logged))
            if commit.source is Source.IMPORTED or lost > commits or total > size:
                raise
        if commit.base is None:
            return _taught(engine, None, newest_first), True
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


def _taught(
    engine: Engine, base: bytes | None, newest_first: Sequence[tuple[str, list[bytes]]]
) -> bytes | None:
    """However lines are cut into lessons, the model is the same: those of one policy are joined."""
    for arguments, lessons in groupby(reversed(newest_first), key=itemgetter(0)):
        taught = engine.learn(arguments, base, [line for _, lines in lessons for line in lines])
        if any(taught.rejections):
            raise InfrastructureError("lines that were learned before are refused")
        base = taught.model
    return base


def _logged(objects: Objects, commit: Commit) -> list[bytes]:
    """The lines of the log between the commit's base and its model."""
    return [*_tail(objects, commit), *segment(objects, commit)]


def _tail(objects: Objects, commit: Commit) -> list[bytes]:
    """The lines before the commit's own that its model learned again."""
    lines: list[bytes] = []
    earlier = commits(objects, commit.previous)
    while len(lines) < commit.relearned:
        lines = [*segment(objects, next(earlier)), *lines]
    return lines
