"""Vowpal Wabbit behind two questions: how likely should each action be, and what did that cost?

The text is the product's own; what is spared is a process for every single lesson.
"""

from collections.abc import Iterable, Mapping

import pylibvw

from personalizer.adapters.vw import examples
from personalizer.domain import features
from personalizer.domain.request import Action, Actions, RankRequest

Objects = Iterable[Mapping[str, object]]


def request(context: Objects, actions: Mapping[str, Objects]) -> RankRequest:
    shared = tuple(map(features.sanitise, context))
    return RankRequest(
        context=shared,
        context_size=sum(map(features.size, shared)),
        actions=Actions(_action(name, objects) for name, objects in actions.items()),
        excluded=frozenset(),
        event_id=None,
        inactive=False,
    )


class Engine:
    def __init__(self, arguments: str) -> None:
        self._vw = pylibvw.vw(["--quiet", *arguments.split()])

    def scores(self, asked: RankRequest) -> list[float]:
        """One number per action, just as VW gives them: they need not sum to one."""
        parsed = self._vw._parse(examples.text(asked))
        self._vw.predict_multi(parsed)
        scores = list(parsed[0].get_action_scores())
        self._vw._finish_example_multi_ex(parsed)
        return scores

    def learn(self, asked: RankRequest, chosen: int, cost: float, probability: float) -> None:
        lines = examples.text(asked).split("\n")
        lines[chosen + 1] = f"0:{cost.hex()}:{probability.hex()} {lines[chosen + 1]}"
        parsed = self._vw._parse("\n".join(lines))
        self._vw.learn_multi(parsed)
        self._vw._finish_example_multi_ex(parsed)


def _action(name: str, objects: Objects) -> Action:
    trees = tuple(map(features.sanitise, objects))
    return Action(name, trees, sum(map(features.size, trees)))
