"""A loop's past: the commits that lead back from its head, and what each of them learned.

A model is a cache of the log: what a commit's model was made from is written down, so that a model
that is lost can be made again, the same to the byte.
"""

import gzip
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

import msgspec

from personalizer import dsjson
from personalizer.domain import policy
from personalizer.domain.commit import Commit
from personalizer.domain.loop import Head, ModelRef, ObjectRef
from personalizer.errors import ObjectCorrupt, ObjectMissing
from personalizer.ports import Objects


@dataclass(frozen=True, slots=True)
class Grounds:
    """What a lesson builds on: a model, if there is one, and what is to be learned before it.

    `lines` are as the learner shall see them, with their costs.
    """

    base: ModelRef | None
    model: bytes | None
    lines: Sequence[bytes]


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


def with_costs(logged: Sequence[bytes], offset: float, arguments: str) -> list[bytes]:
    """The lines with the cost that VW is told: offset - reward, within the policy's range."""
    low, high = policy.cost_range(arguments)
    return [
        dsjson.with_cost(line, min(max(offset - dsjson.reward(line), low), high)) for line in logged
    ]


def lesson(objects: Objects, commit: Commit) -> list[bytes]:
    """All that made the commit's model out of its base."""
    logged = [*_tail(objects, commit), *segment(objects, commit)]
    return with_costs(logged, commit.cost_offset, commit.arguments)


def grounds(objects: Objects, commit: Commit, commits: int, size: int) -> Grounds:
    """The commit's model or, if that is lost, the nearest one before it and all learned since.

    Raises what kept it from the model once that comes to more than so many lost ones, or bytes.
    """
    lessons: list[list[bytes]] = []
    total = 0
    while True:
        try:
            return Grounds(commit.model, objects.get(commit.model.object), _in_order(lessons))
        except (ObjectMissing, ObjectCorrupt):
            lessons.append(lesson(objects, commit))
            total += sum(map(len, lessons[-1]))
            if len(lessons) > commits or total > size:
                raise
        if commit.base is None:
            return Grounds(None, None, _in_order(lessons))
        commit = _of_generation(objects, commit, commit.base.generation)


def _in_order(newest_first: Sequence[Sequence[bytes]]) -> list[bytes]:
    return [line for lines in reversed(newest_first) for line in lines]


def _tail(objects: Objects, commit: Commit) -> list[bytes]:
    """The lines before the commit's own that its model learned again."""
    lines: list[bytes] = []
    earlier = commits(objects, commit.previous)
    while len(lines) < commit.relearned:
        lines = [*segment(objects, next(earlier)), *lines]
    return lines


def _of_generation(objects: Objects, commit: Commit, generation: int) -> Commit:
    earlier = commits(objects, commit.previous)
    return next(found for found in earlier if found.generation == generation)
