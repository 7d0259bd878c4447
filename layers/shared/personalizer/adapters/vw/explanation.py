"""Why a model predicts a cost: what VW adds up, looked up one by one.

Its predictions are sums of learned weights times values, of every feature and of every product that
the policy asks for. VW says under which numbers it knows a request's features; the numbers of
products follow from these.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from personalizer.adapters.vw import interactions, names
from personalizer.adapters.vw.examples import text
from personalizer.adapters.vw.interactions import CONSTANT, Feature
from personalizer.adapters.vw.names import Names
from personalizer.domain.explanation import Explanation, Seen, Term
from personalizer.domain.request import RankRequest


class _Namespace(NamedTuple):
    features: list[Feature]
    seen: list[Seen]


type _Example = dict[int, _Namespace]
"""A candidate with its context, by the codes of its namespaces."""

type _Weigh = Callable[[int], float]
"""What was learned of the feature, or the product, with this number."""


class Explainer:
    """Asks a workspace whose weights are as it uses them."""

    def __init__(self, vw: Any):
        self._vw = vw
        words = vw.get_arguments().split()
        self._wanted = interactions.wanted(words)
        self._only_multiplied = _namespaces(words, "--ignore_linear")
        self._hidden = _namespaces(words, "--marginal")
        self._shift = vw.get_stride().bit_length() - 1
        self._mask = vw.num_weights() - 1
        self._models, self._last = _models(words)

    def explain(self, request: RankRequest) -> list[Explanation]:
        """The predicted costs, one for each candidate."""
        examples = self._vw._parse(text(request))
        read = self._read(request, examples)
        constants = [_numbered(example, CONSTANT) for example in examples[1:]]
        self._vw.predict_multi(examples)
        told = [example.get_partial_prediction() for example in examples[1:]]
        self._vw._finish_example_multi_ex(examples)
        return [*map(self._explained, read, constants, told)]

    def _read(self, request: RankRequest, examples: Sequence[Any]) -> list[_Example]:
        """VW appends the context to each candidate, namespace by namespace."""
        context, (shared, *actions) = names.of_context(request), examples
        return [
            self._merged([(action, names.of_action(known)), (shared, context)])
            for action, known in zip(actions, request.candidates, strict=True)
        ]

    def _merged(self, parts: Sequence[tuple[Any, Names]]) -> _Example:
        """What the policy ignores has a name, and no features."""
        merged: _Example = {}
        for example, known in parts:
            for letter, seen in known.items():
                if found := _numbered(example, ord(letter)):
                    features, so_far = merged.setdefault(ord(letter), _Namespace([], []))
                    first = len(features)
                    features += [each._replace(place=first + each.place) for each in found]
                    so_far += seen
        return {code: each for code, each in merged.items() if chr(code) not in self._hidden}

    def _explained(self, example: _Example, constant: list[Feature], told: float) -> Explanation:
        terms = self._terms(example, self._weight)
        always = sum(feature.value * self._weight(feature.number) for feature in constant)
        if self._models == (self._last,):
            return Explanation(terms, always, told - math.fsum([*terms.values(), always]))
        last = self._of_last
        checked = self._terms(example, last).values()
        always_last = sum(feature.value * last(feature.number) for feature in constant)
        return Explanation(terms, always, told - math.fsum([*checked, always_last]))

    def _terms(self, example: _Example, weigh: _Weigh) -> dict[Term, float]:
        terms: dict[Term, float] = {}
        for term, value in self._added(example, weigh):
            terms[term] = terms.get(term, 0.0) + value
        return terms

    def _added(self, example: _Example, weigh: _Weigh) -> Iterator[tuple[Term, float]]:
        for code, (features, seen) in example.items():
            if chr(code) not in self._only_multiplied:
                for feature in features:
                    if weight := weigh(feature.number):
                        yield (seen[feature.place],), weight * feature.value
        for combination in interactions.compiled(self._wanted, example):
            if all(code in example for code in combination):
                spaces = [example[code] for code in combination]
                for product in interactions.products([s.features for s in spaces], combination):
                    if weight := weigh(product.number):
                        places = zip(spaces, product.places, strict=True)
                        yield tuple(s.seen[at] for s, at in places), weight * product.value

    def _weight(self, number: int) -> float:
        found = [self._of(number, model) for model in self._models]
        return sum(found) / len(found)

    def _of_last(self, number: int) -> float:
        return self._of(number, self._last)

    def _of(self, number: int, model: int) -> float:
        """Models in one workspace take turns."""
        weight: float = self._vw.get_weight(((number >> self._shift) + model) & self._mask, 0)
        return weight


def _numbered(example: Any, code: int) -> list[Feature]:
    return [
        Feature(example.feature(code, place), example.feature_weight(code, place), place)
        for place in range(example.num_features_in(code))
    ]


def _namespaces(words: Sequence[str], option: str) -> set[str]:
    return {letter for name, value in pairwise(words) if name == option for letter in value}


def _models(words: Sequence[str]) -> tuple[tuple[int, ...], int]:
    """Those that are explained, by what they predict on average; and the one whose prediction VW
    tells, which is the last.

    With `--cover` the first tells costs, and the others where to explore. Of doubly robust costs
    every second one is the correction.
    """
    options = dict(pairwise([*words, ""]))
    step = 2 if options.get("--cb_type") == "dr" else 1
    if "--bag" in options:
        models = tuple(range(0, step * int(options["--bag"]), step))
        return models, models[-1]
    return (0,), int(options.get("--cover", 0))
