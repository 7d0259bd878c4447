"""By whose wish a loop's head is changed: its owner's, or that of an evaluation's own run.

What the owner chose meanwhile is never overwritten unasked: a run looks at the very head that it is
about to replace, and the write holds for that one alone.
"""

from collections.abc import Callable
from dataclasses import dataclass

from personalizer.domain.loop import Head
from personalizer.errors import Overruled


def _any_head(_head: Head) -> None:
    """Whatever it is, it may be replaced."""


@dataclass(frozen=True, slots=True)
class Mandate:
    """`run` is noted with the policy that is set; `check` raises for a head that is not to be
    replaced."""

    run: str = ""
    check: Callable[[Head], None] = _any_head


OWNER = Mandate()


def check_epoch(head: Head, epoch: int) -> None:
    """Raises Overruled for a head that was given another policy or model since then."""
    if head.epoch != epoch:
        raise Overruled("the loop was given another policy or model meanwhile")
