"""Which features a model decides by, as Azure's evaluations list them: whatever they are worth."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice
from statistics import fmean

from personalizer import dsjson
from personalizer.domain import policy
from personalizer.domain.explanation import QUICK_PAIRS, Explanation, Seen, Term, top
from personalizer.ports import Engine

MOST_TERMS = 20
MOST_LINES = 200
"""Each takes some hundredths of a second."""
_CONSTANT = Seen("i", "constant")

type Important = tuple[tuple[str, ...], ...]
"""Features, and combinations of features."""


def important(
    engine: Engine, model: bytes, lines: Sequence[bytes], limit: int = MOST_TERMS
) -> Important:
    """By how far they move candidates apart, on average over some of these lines: what adds the
    same to all of them decides nothing."""
    moved: defaultdict[Term, float] = defaultdict(float)
    for explanations in islice(_explained(engine, model, lines), MOST_LINES):
        for term, value in _apart(explanations):
            moved[term] += value
    telling = {term: value for term, value in moved.items() if value > 0}
    return tuple(tuple(map(_named, term)) for term, _ in top(telling, limit))


def _explained(
    engine: Engine, model: bytes, lines: Sequence[bytes]
) -> Iterator[Sequence[Explanation]]:
    """Of lines from all over, but for those that defy explanation: an evaluation is worth more."""
    predictor = engine.load(model)
    for line in lines[:: max(1, len(lines) // MOST_LINES)]:
        with suppress(Exception):
            request = engine.request(dsjson.features(line))
            is_wide = policy.too_wide(predictor.arguments, request.context_size)
            if not is_wide and request.pairs <= QUICK_PAIRS:
                yield predictor.explain(request)


def _apart(explanations: Sequence[Explanation]) -> Iterator[tuple[Term, float]]:
    found = [*map(_joined, explanations)]
    for term in dict.fromkeys(term for each in found for term in each):
        values = [each.get(term, 0.0) for each in found]
        average = fmean(values)
        yield term, fmean(abs(value - average) for value in values)


def _joined(explanation: Explanation) -> dict[Term, float]:
    """A feature alone, with itself and with a constant are one and the same to people."""
    joined: defaultdict[Term, float] = defaultdict(float)
    for term, value in explanation.terms.items():
        joined[tuple(dict.fromkeys(seen for seen in term if seen != _CONSTANT))] += value
    joined.pop((), None)
    return joined


def _named(seen: Seen) -> str:
    return f"{seen}+{seen.value}" if seen.value else str(seen)
