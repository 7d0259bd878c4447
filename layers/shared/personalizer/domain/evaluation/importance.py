"""Which features matter: by how much a policy earns less that must do without them.

With and without are judged on the same events, so most of what makes either estimate unsure is
common to the two, and goes away in their difference. The estimate is Cressie-Read's with power -2
(Karampatziakis, Langford and Mineiro 2020) as everywhere; near its solution an event moves it by
w (r - v) - b (w - 1), where b regresses the weighted rewards on the weights. The spread of the
differences of these tells what other events might have made of the drop.

But whoever learns from other features learns otherwise, for better or worse, by luck alone: on the
same events a feature that tells nothing would seem to tell something. How much, placebos show: the
same policy beside a feature drawn by lot. An interval has room for both.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from statistics import NormalDist
from typing import NamedTuple

from personalizer.domain.evaluation.census import Census
from personalizer.domain.evaluation.feature import Feature
from personalizer.domain.evaluation.result import FeatureScore
from personalizer.domain.evaluation.student import squared_quantile
from personalizer.domain.evaluation.weights import Weights

MOST_STUDIED = 100
"""Each costs a pass over the log."""
CONFIDENCE = 0.95
BEST = 100.0
PLACEBOS = 5
"""As many passes more."""

type Estimate = Callable[[Weights], float]
"""The average reward of a policy."""


def studied(census: Census, most: int = MOST_STUDIED) -> tuple[Feature, ...]:
    """What to leave out in turn: as much of what is telling as there is time for."""
    return telling(census)[:most]


def telling(census: Census) -> tuple[Feature, ...]:
    """Every feature that is not the same everywhere, and every namespace of more than one; the most
    frequent first."""
    found: dict[Feature, int] = {}
    for namespace, names in census.namespaces.items():
        own = [name for name in names if not census.is_constant(Feature(namespace, name))]
        if len(own) > 1:
            found[Feature(namespace)] = max(names[name].events for name in own)
        found |= {Feature(namespace, name): names[name].events for name in own}
    return tuple(sorted(found, key=lambda feature: (-found[feature], feature)))


def scores(
    base: Weights,
    without: Mapping[Feature, Weights],
    placebos: Sequence[Weights],
    census: Census,
    estimate: Estimate,
) -> tuple[FeatureScore, ...]:
    """Best first. What may be luck has the score 0; of the others the best feature has BEST, and so
    has the best namespace."""
    point, moved = estimate(base), _influences(base)
    luck = _luck([estimate(placebo) - point for placebo in placebos])
    drops = {
        feature: _Drop(point - estimate(other), math.hypot(luck, _half(moved, _influences(other))))
        for feature, other in without.items()
    }
    single = {feature: drop for feature, drop in drops.items() if census.tally(feature)}
    whole = {feature: drop for feature, drop in drops.items() if feature not in single}
    found = [*_scored(single, census), *_scored(whole, census)]
    return tuple(sorted(found, key=lambda s: (-s.score, -sum(s.drop), s.namespace, s.feature)))


class _Drop(NamedTuple):
    point: float
    half: float

    @property
    def proven(self) -> float:
        return self.point if self.point > self.half else 0.0


def _scored(drops: Mapping[Feature, _Drop], census: Census) -> Iterator[FeatureScore]:
    best = max((drop.proven for drop in drops.values()), default=0.0)
    for feature, drop in drops.items():
        yield FeatureScore(
            feature.namespace,
            feature.name,
            score=BEST * (drop.proven / best) if best else 0.0,
            drop=(drop.point - drop.half, drop.point + drop.half),
            events=_events(census, feature),
            values=_values(census, feature),
        )


def _luck(effects: Sequence[float]) -> float:
    """How far from 0 the effect of nothing may be."""
    if not effects:
        return 0.0
    quantile = math.sqrt(squared_quantile(1 - CONFIDENCE, len(effects)))
    return quantile * math.sqrt(_dot(effects, effects) / len(effects))


def _influences(of: Weights) -> list[float]:
    """By how much each event moves the estimate, times the number of events."""
    weighted = [weight * reward for weight, reward in of]
    excess = [weight - 1 for weight in of.weights]
    spread = _dot(excess, excess) - _sum(excess) ** 2 / max(len(of), 1)
    common = _dot(excess, weighted) - _sum(excess) * _sum(weighted) / max(len(of), 1)
    slope = common / spread if spread > 0 else 0.0
    return [reward - slope * lead for reward, lead in zip(weighted, excess, strict=True)]


def _half(one: Sequence[float], other: Sequence[float]) -> float:
    """Half the width of the interval of the mean of their differences."""
    if len(one) < 2:
        return math.inf
    apart = [a - b for a, b in zip(one, other, strict=True)]
    variance = (_dot(apart, apart) - _sum(apart) ** 2 / len(apart)) / (len(apart) - 1)
    quantile = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
    return quantile * math.sqrt(max(variance, 0.0) / len(apart))


def _sum(values: Sequence[float]) -> float:
    return math.fsum(values)


def _dot(one: Sequence[float], other: Sequence[float]) -> float:
    return math.sumprod(one, other)


def _events(census: Census, feature: Feature) -> int:
    """Of a namespace, those of the most frequent of its features."""
    names = census.namespaces.get(feature.namespace, {})
    if feature.name in names:
        return names[feature.name].events
    return max((tally.events for tally in names.values()), default=0)


def _values(census: Census, feature: Feature) -> int:
    """Of a namespace, the number of its features."""
    names = census.namespaces.get(feature.namespace, {})
    return names[feature.name].values if feature.name in names else len(names)
