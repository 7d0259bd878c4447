"""Learn a loop's log once more, commit by commit, and see whether that makes the same models."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from personalizer.domain.commit import Commit, Source
from personalizer.domain.loop import ModelRef
from personalizer.errors import ObjectCorrupt, ObjectMissing
from personalizer.ports import Engine, Loops, Objects
from personalizer.usecases import chain


@dataclass(frozen=True, slots=True)
class Verdict:
    """`same`: the model learned anew has the very bytes that the commit names.

    `stored`: the model in the store has them too. A model that was `given` was imported, or made
    from lines that are forgotten: it cannot be learned anew, and is taken as it is.
    """

    generation: int
    lines: int
    same: bool
    stored: bool
    given: bool = False


class Verify:
    def __init__(self, loops: Loops, objects: Objects, engine: Engine):
        self._loops = loops
        self._objects = objects
        self._engine = engine

    def __call__(self, loop: str) -> Iterator[Verdict]:
        """From the oldest commit whose lines are kept to the last.

        Raises ObjectMissing or ObjectCorrupt for a log, or a model that is taken, that cannot be
        read.
        """
        head = self._loops.state(loop, consistent=True).head
        commits = [*chain.kept(self._objects, head)][::-1]
        first_line = commits[0].first_line if commits else 0
        last_use = {c.base.generation: c.generation for c in commits if c.base}
        models: dict[int, bytes] = {}
        for commit in commits:
            imported = commit.source is Source.IMPORTED
            given = imported or commit.learns_from < first_line
            learn = self._given if given else self._learned
            models[commit.generation] = learn(commit, models)
            yield self._verdict(commit, models[commit.generation], given=given)
            now = commit.generation
            models = {g: model for g, model in models.items() if last_use.get(g, 0) > now}

    def _given(self, commit: Commit, models: dict[int, bytes]) -> bytes:
        return chain.given(self._objects, commit)

    def _learned(self, commit: Commit, models: dict[int, bytes]) -> bytes:
        base = self._base(commit.base, models) if commit.base else None
        if base is not None and commit.source is Source.RESTORED:
            return base
        lessons = chain.lessons_of(self._objects, commit)
        return self._engine.learn(commit.arguments, base, lessons).model

    def _base(self, base: ModelRef, models: dict[int, bytes]) -> bytes:
        """The oldest commit's own is not among those that were learned anew."""
        known = models.get(base.generation)
        return self._objects.get(base.object) if known is None else known

    def _verdict(self, commit: Commit, model: bytes, *, given: bool) -> Verdict:
        same = hashlib.sha256(model).hexdigest() == commit.model.object.sha256
        return Verdict(commit.generation, commit.trained, same, self._stored(commit.model), given)

    def _stored(self, model: ModelRef) -> bool:
        try:
            self._objects.get(model.object)
        except (ObjectMissing, ObjectCorrupt):
            return False
        return True
