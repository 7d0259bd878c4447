"""Play a world against the API: ask, look whether it was right, and usually say so."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from random import Random

from cli.client import Client
from cli.worlds import Round, World, action_features

type Conduct = Callable[[Client, str, float], None]

VISITORS = 4
"""How many visitors an application serves at once."""

SILENT = 0.05
"""Share of decisions whose reward never comes: they get the default, if it was shown."""
DEFERRED = 0.10
"""Share of decisions that are deferred; half of these are never shown."""


def play(client: Client, world: World, rounds: int, seed: int) -> Iterator[float]:
    """The true reward of each decision, whether the loop was told or not, as they are made."""
    actions: list[dict[str, object]] = [
        {"id": action, "features": action_features(action)} for action in world.actions
    ]
    chance = Random(seed)  # noqa: S311 - a simulation

    def serve(visit: Round, conduct: Conduct) -> float:
        context = world.context(visit, "flat")
        decision = client.rank(context, actions, deferred=conduct in DEFERRING)
        reward = world.reward(visit, decision.action)
        conduct(client, decision.event_id, reward)
        return reward

    visits = world.rounds[:rounds]
    conducts = [_conduct(chance) for _ in visits]
    with ThreadPoolExecutor(VISITORS) as visitors:
        yield from visitors.map(serve, visits, conducts)


def _conduct(chance: Random) -> Conduct:
    """What the application will do after a decision."""
    if chance.random() < DEFERRED:
        return _show_and_tell if chance.random() < 0.5 else _never_show
    return _say_nothing if chance.random() < SILENT else _tell


def _tell(client: Client, event_id: str, reward: float) -> None:
    client.reward(event_id, reward)


def _say_nothing(client: Client, event_id: str, reward: float) -> None:
    """The loop will assume the default reward."""


def _show_and_tell(client: Client, event_id: str, reward: float) -> None:
    client.activate(event_id)
    client.reward(event_id, reward)


def _never_show(client: Client, event_id: str, reward: float) -> None:
    """A deferred decision that is not activated is not learned from."""


DEFERRING = (_show_and_tell, _never_show)
