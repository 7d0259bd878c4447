"""Read a loop's log: when it was, a page of it at a time, or all of it from the beginning.

Times are epoch ms, and those of the ranks; a range begins with its first moment and ends before its
last.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass, replace

import msgspec

from personalizer import dsjson
from personalizer.domain.commit import Commit
from personalizer.domain.loop import LoopState, ObjectRef
from personalizer.errors import TokenInvalid
from personalizer.ports import Loops, Objects
from personalizer.usecases import chain

PAGE_BYTES = 4 * 1024 * 1024
"""A Lambda may answer with six million; a longer line comes alone."""
PAGE_COMMITS = 200
"""A page reads no more of the chain than this, whether or not it finds anything there."""
SIGNATURE = 32


@dataclass(frozen=True, slots=True)
class Range:
    start: int | None = None
    end: int | None = None

    def has(self, at: int) -> bool:
        return (self.start is None or at >= self.start) and (self.end is None or at < self.end)

    def meets(self, commit: Commit) -> bool:
        after = self.end is not None and commit.first_ranked_at >= self.end
        return not after and (self.start is None or commit.last_ranked_at >= self.start)


@dataclass(frozen=True, slots=True)
class Page:
    """`token` asks for the next page, None if there is none; this one may be empty all the same."""

    lines: Sequence[bytes]
    token: str | None


class _Place(msgspec.Struct, array_like=True):
    """Where a page begins: the commit, and how many of its lines were on pages before."""

    commit: ObjectRef
    line: int = 0


class Logs:
    def __init__(self, loops: Loops, objects: Objects):
        self._loops = loops
        self._objects = objects

    def properties(self, loop: str) -> tuple[int, int] | None:
        """When the first and the last decision of the log were ranked, to the day; None where there
        is none. Raises LoopNotFound."""
        kept = self._loops.state(loop).head.kept
        if kept.first_ranked_at is None or kept.last_ranked_at is None:
            return None
        return kept.first_ranked_at, kept.last_ranked_at

    def page(self, loop: str, within: Range, token: str | None = None) -> Page:
        """The newest segments first, in each its lines as they were learned.

        Raises TokenInvalid for a token that was not given for this range of this loop's log;
        LoopNotFound, ObjectMissing or ObjectCorrupt.
        """
        state = self._loops.state(loop, consistent=True)
        seal = _Seal(state, within)
        place = seal.opened(token) if token else _place(state.head.commit)
        lines, size = list[bytes](), 0
        for _ in range(PAGE_COMMITS):
            commit = chain.decoded(self._objects, place.commit, Commit) if place else None
            if place is None or commit is None or commit.generation < state.head.kept.oldest:
                return Page(lines, None)
            found = self.lines(commit, within)
            for number, line in enumerate(found[place.line :], place.line):
                size += len(line) + 1
                if lines and size > PAGE_BYTES:
                    return Page(lines, seal.sealed(_Place(place.commit, number)))
                lines.append(line)
            place = _place(commit.previous)
        return Page(lines, seal.sealed(place) if place else None)

    def commits(self, loop: str, within: Range) -> list[Commit]:
        """Those that have lines of the range, oldest first; all else that they remember left out.

        Raises LoopNotFound, ObjectMissing or ObjectCorrupt.
        """
        head = self._loops.state(loop, consistent=True).head
        found = [c for c in chain.kept(self._objects, head) if within.meets(c)]
        return [replace(c, seen={}, positions={}, days=()) for c in reversed(found)]

    def lines(self, commit: Commit, within: Range) -> list[bytes]:
        """Its lines that are of the range. Raises ObjectMissing or ObjectCorrupt."""
        if not within.meets(commit):
            return []
        lines = chain.segment(self._objects, commit)
        if within.has(commit.first_ranked_at) and within.has(commit.last_ranked_at):
            return lines
        return [line for line in lines if within.has(dsjson.origin(line).ranked_at)]


class _Seal:
    """Tokens carry a signature made with the loop's own secret: nobody can make one up, and none
    opens another loop's log, or another range."""

    def __init__(self, state: LoopState, within: Range):
        self._key = state.sampling_secret
        self._about = f"logs {state.head.loop} {within.start} {within.end} ".encode()

    def sealed(self, place: _Place) -> str:
        data = msgspec.json.encode(place)
        return urlsafe_b64encode(self._signature(data) + data).decode()

    def opened(self, token: str) -> _Place:
        try:
            sealed = urlsafe_b64decode(token)
        except ValueError as error:
            raise TokenInvalid(token) from error
        signature, data = sealed[:SIGNATURE], sealed[SIGNATURE:]
        if not hmac.compare_digest(signature, self._signature(data)):
            raise TokenInvalid(token)
        return msgspec.json.decode(data, type=_Place)

    def _signature(self, data: bytes) -> bytes:
        return hmac.digest(self._key, self._about + data, "sha256")


def _place(commit: ObjectRef | None) -> _Place | None:
    return _Place(commit) if commit else None
