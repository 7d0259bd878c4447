"""Vowpal Wabbit in this process, learning and serving with one workspace: an engine for studies.

The product starts every lesson from an immutable model in a process of its own, which is what
makes it safe, and costs tens of milliseconds. Here a lesson goes on with the workspace of the last
one, and what stands for a model is a name: that of the newest alone is any good.
"""

from array import array
from collections.abc import Sequence
from typing import Any

import pylibvw

from personalizer.adapters.vw import examples, nursery, papers, words
from personalizer.adapters.vw.predictor import _ORDERED_BY_PROBABILITY, VwPredictor
from personalizer.domain.request import RankRequest
from personalizer.ports import Judged, Lesson, Opinion, Prediction


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

    def judge(self, lines: Sequence[bytes], asked: Sequence[int], how: str) -> array[float]:
        """What it thought of the lines at these places; it learns all of them, unless it is `how`
        not to."""
        told, places, tell = array("f"), frozenset(asked), nursery.TELLING[how]
        for place, line in enumerate(lines):
            parsed = self.vw._parse(line.decode())
            if place in places:
                labels = [each.get_cbandits_num_costs() for each in parsed[1:]]
                tell(self.vw, parsed, 1 + labels.index(1), told)
            else:
                self.vw.learn_multi(parsed)
            self.vw._finish_example_multi_ex(parsed)
        self.lessons += how != nursery.ONLY
        return told


class LivePredictor(VwPredictor):
    """Reads its requests as dsjson: a workspace has one way to read, and the log is in that."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace, self._name = workspace, workspace.name
        self._vw = workspace.vw
        self.arguments = self._vw.get_arguments()
        self._by_probability = not _ORDERED_BY_PROBABILITY.isdisjoint(self.arguments.split())

    def predict(self, request: RankRequest) -> Prediction:
        return self.ask(examples.features(request), len(request.candidates))

    def ask(self, features: bytes, actions: int) -> Prediction:
        if self._name != self._workspace.name:
            raise Outdated(self._name)
        parsed = self._vw._parse(_question(features, actions))
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

    def request(self, features: bytes) -> RankRequest:
        return examples.request(features)

    def load(self, model: bytes) -> LivePredictor:
        return LivePredictor(self._named(model))

    def learn(self, arguments: str, base: bytes | None, lines: Sequence[bytes]) -> Lesson:
        workspace = self._continued(arguments, base)
        workspace.learn(lines)
        return Lesson(workspace.name, [None] * len(lines))

    def judge(
        self, arguments: str, base: bytes | None, lines: Sequence[bytes], asked: Sequence[int]
    ) -> Judged:
        workspace = self._continued(arguments, base)
        told = workspace.judge(lines, asked, words.way_to_ask(arguments))
        return Judged(workspace.name, [None] * len(lines), papers.Told(told, asked))

    def consult(self, model: bytes, lines: Sequence[bytes]) -> Sequence[Opinion | None]:
        places = range(len(lines))
        told = papers.Told(self._named(model).judge(lines, places, nursery.ONLY), places)
        return [told[place] for place in places]

    def examine(self, model: bytes) -> str:
        raise Outdated("nothing comes from elsewhere here")

    def close(self) -> None:
        self._latest = None

    def _continued(self, arguments: str, base: bytes | None) -> Workspace:
        workspace = Workspace(arguments) if base is None else self._named(base)
        if workspace.arguments != arguments:
            raise Outdated("a live model keeps its arguments")
        self._latest = workspace
        return workspace

    def _named(self, model: bytes) -> Workspace:
        if self._latest is None or self._latest.name != model:
            raise Outdated(model)
        return self._latest


def _question(features: bytes, actions: int) -> str:
    """VW reads all actions of a line only if it says how many there are."""
    return f'{{"a":{[*range(1, actions + 1)]},"c":{features.decode()}}}'
