"""What a loop's models were, newest first."""

from dataclasses import dataclass
from itertools import dropwhile, islice

from personalizer.domain.commit import Commit, Source
from personalizer.ports import Loops, Objects
from personalizer.usecases import chain

PAGE = 50
MAX_PAGE = 500


@dataclass(frozen=True, slots=True)
class Generation:
    """`trained` counts its own events, `base` is the generation that it went on from."""

    number: int
    made_at: int
    trained: int
    source: Source
    base: int | None
    arguments: str
    sha256: str


def page(
    loops: Loops, objects: Objects, loop: str, before: int | None = None, size: int = PAGE
) -> list[Generation]:
    """So many generations, those before the given one; fewer at the end.

    Reads as many commits as there are since. Raises ObjectMissing or ObjectCorrupt.
    """
    newest = loops.state(loop, consistent=True).head.commit
    commits = chain.commits(objects, newest)
    wanted = dropwhile(lambda commit: before is not None and commit.generation >= before, commits)
    return [_generation(commit) for commit in islice(wanted, min(size, MAX_PAGE))]


def _generation(commit: Commit) -> Generation:
    return Generation(
        commit.generation,
        commit.model.made_at,
        commit.trained,
        commit.source,
        commit.base.generation if commit.base else None,
        commit.arguments,
        commit.model.object.sha256,
    )
