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

    `stored`: the model in the store has them too.
    """

    generation: int
    lines: int
    same: bool
    stored: bool


class Verify:
    def __init__(self, loops: Loops, objects: Objects, engine: Engine):
        self._loops = loops
        self._objects = objects
        self._engine = engine

    def __call__(self, loop: str) -> Iterator[Verdict]:
        """From the first commit to the last; imported models are taken as they are.

        Raises ObjectMissing or ObjectCorrupt for a log or an imported model that cannot be read.
        """
        head = self._loops.state(loop, consistent=True).head
        commits = [*chain.commits(self._objects, head.commit)][::-1]
        last_use = {c.base.generation: c.generation for c in commits if c.base}
        models: dict[int, bytes] = {}
        for commit in commits:
            models[commit.generation] = self._learned(commit, models)
            yield self._verdict(commit, models[commit.generation])
            now = commit.generation
            models = {g: model for g, model in models.items() if last_use.get(g, 0) > now}

    def _learned(self, commit: Commit, models: dict[int, bytes]) -> bytes:
        if commit.source is Source.IMPORTED:
            return chain.given(self._objects, commit)
        base = models[commit.base.generation] if commit.base else None
        if base is not None and commit.source is Source.RESTORED:
            return base
        lessons = chain.lessons_of(self._objects, commit)
        return self._engine.learn(commit.arguments, base, lessons).model

    def _verdict(self, commit: Commit, model: bytes) -> Verdict:
        same = hashlib.sha256(model).hexdigest() == commit.model.object.sha256
        return Verdict(commit.generation, commit.trained, same, self._stored(commit.model))

    def _stored(self, model: ModelRef) -> bool:
        try:
            self._objects.get(model.object)
        except (ObjectMissing, ObjectCorrupt):
            return False
        return True
