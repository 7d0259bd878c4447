"""Which features matter: the loop's policy is studied, and again without each feature in turn. And
some times beside a placebo, to see how much of what that changes may be luck."""

from collections.abc import Collection, Iterator, Mapping

from personalizer.domain import policy
from personalizer.domain.evaluation import cressie_read, importance
from personalizer.domain.evaluation.feature import Feature
from personalizer.domain.evaluation.flags import flags
from personalizer.domain.evaluation.result import (
    ONLINE,
    FeatureResult,
    Flag,
    PolicyResult,
    PolicySource,
)
from personalizer.domain.evaluation.sums import Sums
from personalizer.domain.evaluation.weights import Weights
from personalizer.usecases.evaluation.gather import Gathered
from personalizer.usecases.evaluation.plan import Plan
from personalizer.usecases.evaluation.study import Study

ALL = "all"
"""The study with all features."""


class Importance:
    """`gathered` is of the whole log."""

    def __init__(self, plan: Plan, gathered: Gathered):
        self._plan = plan
        self._gathered = gathered
        widest = gathered.namespaces.widest
        self._arguments = policy.effective(plan.present.arguments, widest)

    def studies(self) -> list[Study]:
        end = self._plan.end_line
        without = importance.studied(self._gathered.census)
        placebos = range(1, importance.PLACEBOS + 1)
        return [
            Study(ALL, self._arguments, end),
            *(Study(f"placebo{n}", self._arguments, end, placebo=n) for n in placebos),
            *(
                Study(f"without{n}", self._arguments, end, (feature,))
                for n, feature in enumerate(without)
            ),
        ]

    def result(self, weights: Mapping[str, Weights]) -> FeatureResult:
        """`weights` by the ids of the studies."""
        studies = self.studies()
        without = {each.without[0]: weights[each.id] for each in studies if each.without}
        placebos = [weights[each.id] for each in studies if each.placebo]
        read, census = self._gathered.read, self._gathered.census
        heaviest = self._gathered.fixed.heaviest
        scores = importance.scores(weights[ALL], without, placebos, census, self._estimate)
        doubts = flags(read, self._plan.rewards, heaviest, [self._online()])
        return FeatureResult(scores, self._plan.until, read, (*doubts, *self._left_out(without)))

    def _left_out(self, without: Collection[Feature]) -> Iterator[Flag]:
        census = self._gathered.census
        left = len(importance.telling(census)) - len(without)
        if left or census.left_out:
            more = ", and names of more than can be told apart" if census.left_out else ""
            yield Flag(
                "featuresLeftOut",
                f"The {len(without)} most frequent features and namespaces were studied; there are"
                f" {left:,} others{more}.",
            )

    def _online(self) -> PolicyResult:
        windows = self._gathered.fixed.policies[ONLINE].windows
        return PolicyResult(ONLINE, PolicySource.ONLINE, windows=windows)

    def _estimate(self, weights: Weights) -> float:
        sums = Sums()
        for weight, reward in weights:
            sums.add(weight, reward, reward)
        return cressie_read.estimate(sums, self._gathered.fixed.heaviest)
