"""Which action to show, and how likely that choice was."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from personalizer.domain.distribution import choose
from personalizer.domain.event import LearningMode

if TYPE_CHECKING:
    from personalizer.domain.explanation import Term


class RankedAction(NamedTuple):
    id: str
    probability: float


@dataclass(frozen=True, slots=True)
class Decision:
    """Candidates in ranked order, the chosen one first.

    `order` holds positions among the candidates from 0, `probabilities` goes with it; `excluded`
    holds (position in the request, action id) of the actions that were not candidates.
    """

    order: tuple[int, ...]
    probabilities: tuple[float, ...]
    excluded: tuple[tuple[int, str], ...]


class Reasons(NamedTuple):
    """What adds most to the reward that is predicted for an action, or takes most from it."""

    id: str
    scores: Sequence[tuple["Term", float]]


@dataclass(frozen=True, slots=True)
class Ranking:
    event_id: str
    chosen: RankedAction
    actions: list[RankedAction]
    generation: int
    """Of the model that ranked; 0 where none did."""

    reasons: Sequence[Reasons] | None = None
    """Of the candidates, where a loop explains; none where no model had any."""

    unexplained: str = ""
    """The fault that kept a loop that explains from doing so."""


def decide(
    order: Sequence[int],
    probabilities: Sequence[float],
    excluded: Sequence[tuple[int, str]],
    point: float,
) -> Decision:
    """Sample along the predicted order; the chosen one swaps places with the first."""
    chosen = choose(probabilities, point)
    return Decision(_swapped(order, chosen), _swapped(probabilities, chosen), tuple(excluded))


def _swapped[T](items: Sequence[T], position: int) -> tuple[T, ...]:
    """With the item at a position in the first place, and the first in its."""
    swapped = [*items]
    swapped[0], swapped[position] = swapped[position], swapped[0]
    return tuple(swapped)


def baseline(count: int, excluded: Sequence[tuple[int, str]]) -> Decision:
    """The application's own choice: the first of the candidates, for certain."""
    return Decision(tuple(range(count)), (1.0, *[0.0] * (count - 1)), tuple(excluded))


def shown(decision: Decision, mode: LearningMode) -> Decision:
    """What the application is told to show. An apprentice's own choice is nobody's business."""
    if mode is LearningMode.ONLINE:
        return decision
    return baseline(len(decision.order), decision.excluded)


def ranked_actions(decision: Decision, candidates: Sequence[str]) -> list[RankedAction]:
    """Every action of the request: the excluded ones where the request had them, at probability 0.

    Azure does the same, hence the first of the ranking need not be the chosen one.
    """
    ids = [candidates[index] for index in decision.order]
    ranked = list(map(RankedAction, ids, decision.probabilities))
    for position, action_id in decision.excluded:
        ranked.insert(position, RankedAction(action_id, 0.0))
    return ranked
