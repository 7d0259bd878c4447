"""Why a rank's candidates are where they are: what its model's predictions are made of."""

from personalizer.domain import policy
from personalizer.domain.decision import Reasons
from personalizer.domain.event import Event, LearningMode
from personalizer.domain.explanation import QUICK_PAIRS, top
from personalizer.domain.request import RankRequest
from personalizer.usecases.serving import Live

MOST_SCORES = 20
"""For each candidate."""


def reasons(event: Event, live: Live, request: RankRequest) -> list[Reasons]:
    """Of the candidates, in their order.

    None without a model, if it did not rank this event, and if it is not for the model to decide;
    or if there is too much to tell.
    """
    predictor = live.predictor
    if predictor is None or event.generation != live.generation:
        return []
    if event.learning_mode is not LearningMode.ONLINE or request.pairs > QUICK_PAIRS:
        return []
    if policy.too_wide(predictor.arguments, request.context_size):
        return []
    offset = live.state.configuration.cost_offset
    return [
        Reasons(action.id, top(explanation.of_reward(offset).terms, MOST_SCORES))
        for action, explanation in zip(request.candidates, predictor.explain(request), strict=True)
    ]
