"""A loop's commits from its first to its head, and the lines that they trained."""

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import msgspec

from personalizer.domain.commit import Commit
from personalizer.domain.loop import Head, ObjectRef
from personalizer.ports import Objects


@dataclass(frozen=True)
class Chain:
    """Reading anything raises if it is not there, or not with its recorded hash."""

    head: Head
    objects: Objects

    @cached_property
    def commits(self) -> list[Commit]:
        return [*self._backwards()][::-1]

    @cached_property
    def lines(self) -> list[bytes]:
        """All that was ever trained, in order."""
        logs = [gzip.decompress(self.objects.get(commit.log)) for commit in self.commits]
        return [line for log in logs for line in log.splitlines()]

    @cached_property
    def logged(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lines]

    def model(self) -> bytes:
        assert self.head.latest is not None, "nothing was learned"
        return self.objects.get(self.head.latest.object)

    def first_of_lineage(self) -> int:
        """The place of the first line that made the newest model: after a new policy or a reset,
        as many before that as the new model learned again."""
        start = max(n for n, commit in enumerate(self.commits) if commit.base is None)
        first = self.commits[start]
        return first.learns_from

    def check(self) -> None:
        """Unbroken: each commit follows the one before it, and all that it names is there."""
        generation = count = 0
        previous: Commit | None = None
        for commit in self.commits:
            assert commit.generation == generation + 1, "a gap in the generations"
            assert commit.first_line == count, "lines are not numbered through"
            if commit.base is not None:
                assert previous is not None, "the first model has a base"
                assert commit.base == previous.model, "another base model"
            for ref in (commit.model.object, commit.log, commit.policy, *commit.seen.values()):
                self.objects.get(ref)
            generation, count, previous = commit.generation, count + commit.trained, commit
        assert (self.head.generation, self.head.trained) == (generation, count)
        assert len(self.lines) == count, "a log and its commit disagree"

    def _backwards(self) -> Iterator[Commit]:
        ref: ObjectRef | None = self.head.commit
        while ref is not None:
            commit = msgspec.json.decode(self.objects.get(ref), type=Commit)
            yield commit
            ref = commit.previous
