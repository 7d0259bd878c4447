"""Choose one action for a context, and remember how likely that choice was."""

import hashlib
from collections.abc import Callable
from dataclasses import replace

from personalizer import payload
from personalizer.domain import distribution, policy
from personalizer.domain.decision import (
    Decision,
    RankedAction,
    Ranking,
    baseline,
    decide,
    ranked_actions,
    shown,
)
from personalizer.domain.event import Aggregation, Event, Key, LearningMode, State
from personalizer.domain.example import Example
from personalizer.domain.request import RankRequest
from personalizer.ports import Engine, Events
from personalizer.usecases.serving import Live, Serving, wait_briefly

REFRESH_PATIENCE_S = 0.5


class Rank:
    """`new_id` makes an eventId where the caller has none, `new_uid` 16 random bytes as hex."""

    def __init__(
        self,
        events: Events,
        serving: Serving,
        engine: Engine,
        clock: Callable[[], int],
        new_id: Callable[[], str],
        new_uid: Callable[[], str],
    ):
        self._events = events
        self._serving = serving
        self._engine = engine
        self._clock = clock
        self._new_id = new_id
        self._new_uid = new_uid

    def __call__(self, loop: str, request: RankRequest) -> Ranking:
        live = self._serving.live(loop)
        refresh = self._serving.refresh(loop)
        event_id = request.event_id or self._new_id()
        decision = _decide(live, request, event_id)
        made = self._event(Key(loop, event_id), live, request, decision)
        stored = self._events.rank(made)
        wait_briefly(refresh, REFRESH_PATIENCE_S)
        if stored.uid != made.uid:  # a retry: the client gets what the log says
            decision = payload.unpack(stored.payload).decision
        ranking = _ranking(stored, shown(decision, stored.learning_mode), request)
        if live.state.configuration.explains:
            return _explained(ranking, stored, live, request)
        return ranking

    def failed_refreshes(self) -> int:
        """How often, since last asked, a newer model could not be had and the old one stayed."""
        return self._serving.take_failures()

    def _event(self, key: Key, live: Live, request: RankRequest, decision: Decision) -> Event:
        features = self._engine.features(request)
        settings = live.state.configuration
        ranks = settings.learning_mode is not LearningMode.LOGGING_ONLY
        now = self._clock()
        return Event(
            key=key,
            uid=self._new_uid(),
            state=State.INACTIVE if request.inactive else State.PENDING,
            ranked_at=now,
            deadline=now + settings.reward_wait_ms,
            request_hash=_request_hash(request, decision, features),
            payload=payload.pack(Example(decision, request.context_size, features)),
            default_reward=settings.default_reward,
            aggregation=settings.aggregation,
            settles_early=settings.aggregation is Aggregation.EARLIEST
            and not settings.learn_after_wait,
            learning_mode=settings.learning_mode,
            policy=live.state.head.policy.sha256[:16],
            generation=live.generation if ranks else 0,
            floor=settings.exploration if ranks else 0.0,
        )


def _decide(live: Live, request: RankRequest, event_id: str) -> Decision:
    settings = live.state.configuration
    excluded = _excluded(request) if request.excluded else []
    if settings.learning_mode is LearningMode.LOGGING_ONLY:
        return baseline(len(request.candidates), excluded)
    point = distribution.draw(live.state.sampling_secret, event_id)
    order, probabilities = _opinion(live, request)
    explored = distribution.with_floor(probabilities, settings.exploration)
    return decide(order, explored, excluded, point)


def _excluded(request: RankRequest) -> list[tuple[int, str]]:
    return [(n, a.id) for n, a in enumerate(request.actions) if a.id in request.excluded]


def _opinion(live: Live, request: RankRequest) -> tuple[list[int], list[float]]:
    """The model's order and probabilities; uniform while it has none, or cannot afford any."""
    count = len(request.candidates)
    predictor = live.predictor
    if predictor is None or policy.too_wide(predictor.arguments, request.context_size):
        return [*range(count)], distribution.uniform(count)
    prediction = predictor.predict(request)
    return [*prediction.order], distribution.normalise(prediction.probabilities)


def _request_hash(request: RankRequest, decision: Decision, features: bytes) -> bytes:
    """Tells a retried rank from a new one that reuses the event id.

    The features name the candidates, in their order; the decision, what was left out and where.
    """
    rest = repr((request.inactive, decision.excluded))
    return hashlib.sha256(rest.encode() + features).digest()


def _ranking(event: Event, decision: Decision, request: RankRequest) -> Ranking:
    candidates = [action.id for action in request.candidates]
    first = decision.order[0]
    return Ranking(
        event.key.event_id,
        RankedAction(candidates[first], decision.probabilities[0]),
        ranked_actions(decision, candidates),
        event.generation,
    )


def _explained(ranking: Ranking, event: Event, live: Live, request: RankRequest) -> Ranking:
    from personalizer.usecases.reasons import reasons  # which few loops ask for

    try:
        return replace(ranking, reasons=reasons(event, live, request))
    except Exception as fault:  # what was chosen is stored, and worth more than why
        return replace(ranking, reasons=[], unexplained=type(fault).__name__)
