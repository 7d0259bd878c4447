"""A loop's chain of commits as an evaluation follows it back: of each no more than it needs."""

from collections.abc import Iterator

import msgspec

from personalizer.domain.loop import ModelRef, ObjectRef
from personalizer.ports import Objects
from personalizer.usecases import chain

CLOCKS_MS = 60_000
"""Each commit has the time of the clock that its trainer had, and each decision that of whoever
ranked it. Clocks on AWS are milliseconds apart; one that is a minute off is broken."""


class Link(msgspec.Struct, frozen=True):
    """Of a commit (domain.commit). The rest, which is most of it, is not even decoded."""

    generation: int
    commit_id: str
    previous: ObjectRef | None
    model: ModelRef
    log: ObjectRef
    first_line: int
    trained: int
    first_ranked_at: int
    last_ranked_at: int
    imported_lines: bool = False

    def meets(self, start: int, until: int) -> bool:
        """Whether it has lines that were ranked from `start` on and before `until` (epoch ms)."""
        return self.trained > 0 and self.first_ranked_at < until and self.last_ranked_at >= start


def links(objects: Objects, newest: ObjectRef | None, oldest: int, since: int) -> Iterator[Link]:
    """Newest first, those of generation `oldest` and later that can have learned what was ranked at
    `since` (epoch ms) or later: no decision is learned before it is ranked.

    Raises ObjectMissing or ObjectCorrupt where the chain breaks.
    """
    while newest is not None:
        link = chain.decoded(objects, newest, Link)
        if link.generation < oldest or link.model.made_at < since - CLOCKS_MS:
            return
        yield link
        newest = link.previous
