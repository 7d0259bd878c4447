"""Serving: a model in memory that is asked, never taught."""

import tempfile
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pylibvw

from personalizer.adapters.vw.examples import text
from personalizer.domain.request import RankRequest
from personalizer.errors import ObjectCorrupt
from personalizer.ports import Prediction

_BOUNDED = {"--regcb", "--regcbopt", "--elim"}
"""Explorers with confidence bounds. With `-t` VW computes others than the learner's, at first
several times as wide."""
NO_L1 = "1e-30"
"""So little that it takes nothing away. Without `-t`, VW overlooks what a model's own `--l1` has
taken away, unless it is told some."""
_ORDERED_BY_PROBABILITY = {"--bag", "--cover", "--synthcover", "--large_action_space"}
"""Explorers whose ranking is not the order of predicted costs."""


class VwPredictor:
    """Only ever asked: no prediction changes a weight."""

    def __init__(self, model: bytes):
        try:
            self._vw = _loaded(model)
        except RuntimeError as error:
            raise ObjectCorrupt("VW does not read this model") from error
        self.arguments: str = self._vw.get_arguments()
        self._by_probability = not _ORDERED_BY_PROBABILITY.isdisjoint(self.arguments.split())

    def predict(self, request: RankRequest) -> Prediction:
        examples = self._vw._parse(text(request))
        self._vw.predict_multi(examples)
        probabilities = examples[0].get_action_scores()
        order = self._order(examples, probabilities)
        # Only examples that were predicted may be given back: others would corrupt the workspace.
        self._vw._finish_example_multi_ex(examples)
        return Prediction(order, [probabilities[index] for index in order])

    def _order(self, examples: Any, probabilities: list[float]) -> list[int]:
        """Best first. VW returns probabilities by action and keeps its own order to itself."""
        if self._by_probability:
            keys = [-probability for probability in probabilities]
        else:
            keys = [example.get_partial_prediction() for example in examples[1:]]
        return sorted(range(len(probabilities)), key=keys.__getitem__)


def _loaded(model: bytes) -> Any:
    """With `-t` predictions are cheaper, and equal to the bit but for confidence bounds."""
    vw = _load(model, "-t")
    arguments = vw.get_arguments().split()
    if not _BOUNDED.isdisjoint(arguments):
        return _load(model, "--l1", NO_L1)
    return _load(model, "-t", "--epsilon", "0") if _explores(arguments) else vw


def _explores(words: Sequence[str]) -> bool:
    """As some models from elsewhere do by themselves, although that is the service's part."""
    return any(word == "--epsilon" and float(value) > 0 for word, value in pairwise(words))


def _load(model: bytes, *options: str) -> Any:
    with tempfile.NamedTemporaryFile(suffix=".vw") as file:
        Path(file.name).write_bytes(model)
        return pylibvw.vw(["--quiet", *options, "-i", file.name])
