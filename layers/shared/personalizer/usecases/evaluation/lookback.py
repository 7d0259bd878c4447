"""What was decided since a watch last looked: found along the chain of commits, as far as there is
time, and further another time.

A window of the time of rank is looked at whole, or not at all: what earned something is learned
before what did not, so that half of what the log has of it would tell too much good.
"""

from collections.abc import Callable
from hashlib import sha256

import msgspec

from personalizer.domain.evaluation.gain import Gain
from personalizer.domain.loop import ObjectRef
from personalizer.errors import ObjectCorrupt, ObjectMissing
from personalizer.ports import Objects
from personalizer.usecases.evaluation.links import Link, links

MOST_LINES = 50_000
"""That are looked at of a window, of whole commits: where there are more, luck draws which."""


class Lookback(msgspec.Struct):
    """Of what was ranked from `since` on and before `until` (epoch ms). The commit `at` is the next
    to be looked at, unless the chain `is_at_end`; those of generations before `oldest` have nothing
    of it. So many `lines` were met, and `drawn` of their commits are some, newest first. What is
    weighed of them goes, oldest first, and the `gain` has it."""

    since: int
    until: int
    at: ObjectRef | None
    oldest: int
    gain: Gain
    lines: int = 0
    drawn: list[Link] = []
    is_at_end: bool = False


def follow(objects: Objects, look: Lookback, has_time: Callable[[], bool]) -> bool:
    """Go on while there is time, though by a commit at least; whether all are found."""
    try:
        for link in links(objects, look.at, look.oldest, look.since):
            look.at = link.previous
            _found(look, link)
            if not has_time():
                break
        else:
            look.is_at_end = True
    except (ObjectMissing, ObjectCorrupt):  # what came before, nobody can tell any more
        look.is_at_end = True
    look.drawn = [link for link in look.drawn if _is_drawn(link, look.lines)]
    return look.is_at_end


def take_oldest(look: Lookback, lines: int) -> list[Link]:
    """Of those that are drawn, which have so many lines or a few more."""
    taken, left = list[Link](), lines
    while look.drawn and left > 0:
        taken.append(look.drawn.pop())
        left -= taken[-1].trained
    return taken


def _found(look: Lookback, link: Link) -> None:
    if link.meets(look.since, look.until) and not link.imported_lines:
        look.lines += link.trained
        if _is_drawn(link, look.lines):
            look.drawn.append(link)


def _is_drawn(link: Link, lines: int) -> bool:
    """Without a look at what is in it; of more lines none that was not drawn of fewer."""
    return _luck(link) < MOST_LINES / max(lines, MOST_LINES)


def _luck(link: Link) -> float:
    """From 0 to 1, the same every time."""
    return int.from_bytes(sha256(link.commit_id.encode()).digest()[:6]) / 2**48
