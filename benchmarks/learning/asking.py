"""A visit as the Rank request that the API makes of it."""

from collections.abc import Iterable, Mapping

from personalizer.domain import features
from personalizer.domain.request import Action, Actions, RankRequest

Objects = Iterable[Mapping[str, object]]


def request(
    context: Objects, actions: Mapping[str, Objects], event_id: str | None = None
) -> RankRequest:
    shared = tuple(map(features.sanitise, context))
    return RankRequest(
        context=shared,
        context_size=sum(map(features.size, shared)),
        actions=Actions(_action(name, objects) for name, objects in actions.items()),
        excluded=frozenset(),
        event_id=event_id,
        inactive=False,
    )


def _action(name: str, objects: Objects) -> Action:
    trees = tuple(map(features.sanitise, objects))
    return Action(name, trees, sum(map(features.size, trees)))
