"""Feature importances, as the version 2022-09-01 tells them."""

import msgspec

from personalizer.domain.evaluation.job import Job
from personalizer.domain.evaluation.result import FeatureResult, FeatureScore
from personalizer.wire.evaluations.estimates import Shown, doubts, finite
from personalizer.wire.evaluations.timeseries import common


def told(job: Job) -> Shown:
    """What is told in lists too."""
    return common(job) | ({"description": job.reason} if job.reason else {})


def shown(job: Job, result: FeatureResult | None) -> bytes:
    """The best come first."""
    if result is None:
        return msgspec.json.encode(told(job) | {"featureScores": []})
    best_first = sorted(result.scores, key=lambda each: -each.score)
    scores = [_score(each) for each in best_first]
    return msgspec.json.encode(told(job) | {"featureScores": scores} | doubts(result))


def _score(found: FeatureScore) -> Shown:
    """An empty name stands for all of the namespace."""
    low, high = found.drop
    return finite(
        {
            "namespace": found.namespace,
            "featureName": found.feature,
            "score": found.score,
            "rewardDrop": [low, high],
            "mayBeNoise": low <= 0,
            "numberOfEvents": found.events,
            "numberOfValues": found.values,
        }
    )
