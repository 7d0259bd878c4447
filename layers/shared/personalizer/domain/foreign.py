"""A decision that was made elsewhere, as a log tells of it."""

from dataclasses import dataclass

from personalizer.domain.decision import Decision
from personalizer.domain.hub import Joined
from personalizer.domain.request import RankRequest


@dataclass(frozen=True, slots=True)
class Foreign:
    """`place` is where it was found, for people; `joined` has neither a loop nor a payload yet."""

    place: str
    joined: Joined
    decision: Decision
    request: RankRequest
