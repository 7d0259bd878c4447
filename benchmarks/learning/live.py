"""Vowpal Wabbit in this process, learning and serving with one workspace: an engine for studies.

The product starts every lesson from an immutable model in a process of its own, which is what
makes it safe, and costs tens of milliseconds. Here a lesson goes on with the workspace of the last
one, and what stands for a model is a name: that of the newest alone is any good.
"""

from collections.abc import Sequence
from typing import Any

import pylibvw

from personalizer.adapters.vw import examples, words
from personalizer.adapters.vw.predictor import _ORDERED_BY_PROBABILITY, VwPredictor
from personalizer.domain.request import RankRequest
from personalizer.ports import Lesson, Prediction


class Outdated(Exception):
    """Something was asked of a model that has learned more since."""


class Workspace:
    """A model, under a new name after each lesson."""

    def __init__(self, arguments: str) -> None:
        self.vw: Any = pylibvw.vw(["--quiet", "--dsjson", *words.to_start(arguments)])
        self.arguments = arguments
        self.lessons = 0

    @property
    def name(self) -> bytes:
        return f"{id(self)} after {self.lessons} lessons".encode()

    def learn(self, lines: Sequence[bytes]) -> None:
        for line in lines:
            parsed = self.vw._parse(line.decode())
            self.vw.learn_multi(parsed)
            self.vw._finish_example_multi_ex(parsed)
        self.lessons += 1


class LivePredictor(VwPredictor):
    """Reads its requests as dsjson: a workspace has one way to read, and the log is in that."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace, self._name = workspace, workspace.name
        self._vw = workspace.vw
        self.arguments = self._vw.get_arguments()
        self._by_probability = not _ORDERED_BY_PROBABILITY.isdisjoint(self.arguments.split())

    def predict(self, request: RankRequest) -> Prediction:
        if self._name != self._workspace.name:
            raise Outdated(self._name)
        parsed = self._vw._parse(_question(request))
        self._vw.predict_multi(parsed)
        probabilities = parsed[0].get_action_scores()
        order = self._order(parsed, probabilities)
        self._vw._finish_example_multi_ex(parsed)
        return Prediction(order, [probabilities[index] for index in order])


class LiveEngine:
    def __init__(self) -> None:
        self._latest: Workspace | None = None

    def features(self, request: RankRequest) -> bytes:
        return examples.features(request)

    def load(self, model: bytes) -> LivePredictor:
        return LivePredictor(self._named(model))

    def learn(self, arguments: str, base: bytes | None, lines: Sequence[bytes]) -> Lesson:
        workspace = Workspace(arguments) if base is None else self._named(base)
        if workspace.arguments != arguments:
            raise Outdated("a live model keeps its arguments")
        workspace.learn(lines)
        self._latest = workspace
        return Lesson(workspace.name, [None] * len(lines))

    def examine(self, model: bytes) -> str:
        raise Outdated("nothing comes from elsewhere here")

    def close(self) -> None:
        self._latest = None

    def _named(self, model: bytes) -> Workspace:
        if self._latest is None or self._latest.name != model:
            raise Outdated(model)
        return self._latest


def _question(request: RankRequest) -> str:
    """VW reads all actions of a line only if it says how many there are."""
    actions = [*range(1, len(request.candidates) + 1)]
    return f'{{"a":{actions},"c":{examples.features(request).decode()}}}'
