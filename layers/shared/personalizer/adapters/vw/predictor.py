"""Serving: a model in memory that is asked, never taught."""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pylibvw

from personalizer.adapters.vw import words
from personalizer.adapters.vw.examples import text
from personalizer.domain.request import RankRequest
from personalizer.errors import ObjectCorrupt
from personalizer.ports import Prediction

if TYPE_CHECKING:
    from collections.abc import Sequence

    from personalizer.domain.explanation import Explanation

_CONSTANT = 128
"""The namespace of the one feature that VW adds to every example."""
_ORDERED_BY_PROBABILITY = {"--bag", "--cover", "--synthcover", "--large_action_space"}
"""Explorers whose ranking is not the order of predicted costs."""


class VwPredictor:
    """Only ever asked: no prediction changes a weight."""

    def __init__(self, model: bytes):
        try:
            self._vw, self._settled = _loaded(model)
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

    def explain(self, request: RankRequest) -> "Sequence[Explanation]":
        from personalizer.adapters.vw.explanation import Explainer  # which few loops ask for

        return Explainer(self._settled).explain(request)

    def _order(self, examples: Any, probabilities: list[float]) -> list[int]:
        """Best first. VW returns probabilities by action and keeps its own order to itself."""
        if self._by_probability:
            keys = [-probability for probability in probabilities]
        else:
            keys = [example.get_partial_prediction() for example in examples[1:]]
        return sorted(range(len(probabilities)), key=keys.__getitem__)


def _loaded(model: bytes) -> tuple[Any, Any]:
    """What to predict with, and what has its weights as they are used: mostly the same."""
    vw = _load(model, "-t")
    options = words.to_ask(vw.get_arguments().split())
    if options == ["-t"]:
        return vw, vw
    asked = _load(model, *options)
    return asked, asked if _weights(asked) == _weights(vw) else vw


def _weights(vw: Any) -> list[float]:
    """Of two features that every request has. Without `-t`, what `--l1` and `--l2` have taken away
    is still in them, and only taken away with each prediction."""
    examples = vw._parse("shared |FromUrl x\n|i constant:1\n\n")
    action, stride = examples[1], vw.get_stride()
    numbers = [
        action.feature(code, 0) for code in (ord("i"), _CONSTANT) if action.num_features_in(code)
    ]
    found = [vw.get_weight(number // stride & (vw.num_weights() - 1), 0) for number in numbers]
    vw.predict_multi(examples)
    vw._finish_example_multi_ex(examples)
    return found


def _load(model: bytes, *options: str) -> Any:
    with tempfile.NamedTemporaryFile(suffix=".vw") as file:
        Path(file.name).write_bytes(model)
        return pylibvw.vw(["--quiet", *options, "-i", file.name])
