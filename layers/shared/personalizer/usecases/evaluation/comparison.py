"""An evaluation: which policies are studied, as they were asked for or as a search wants them."""

from collections.abc import Mapping

from personalizer.domain import policy
from personalizer.domain.evaluation import search as searching
from personalizer.domain.evaluation.candidates import PRESENT, Candidate, Ground
from personalizer.domain.evaluation.job import Job, Named
from personalizer.domain.evaluation.result import ONLINE
from personalizer.domain.evaluation.search import Search, Standing, Standings
from personalizer.domain.evaluation.sums import Sums
from personalizer.domain.health import Range
from personalizer.usecases.evaluation.gather import Gathered
from personalizer.usecases.evaluation.plan import Plan
from personalizer.usecases.evaluation.pursuit import Pursuit
from personalizer.usecases.evaluation.study import Study

OWN = "own"
"""The study of the loop's own policy."""

type Pursuits = Mapping[str, Pursuit]
"""By the ids of their studies."""


def rewards(plan: Plan, gathered: Gathered) -> Range:
    """Those that the loop's policy is made for, and those in its log."""
    sums = gathered.fixed.policies[ONLINE].total
    low, high = plan.rewards.low, plan.rewards.high
    return Range(min(low, sums.least_reward), max(high, sums.most_reward))


class Comparison:
    """`gathered` is of the whole log."""

    def __init__(self, job: Job, plan: Plan, gathered: Gathered):
        self._job = job
        self._plan = plan
        self._gathered = gathered
        self._rewards = rewards(plan, gathered)
        self._online = gathered.fixed.policies[ONLINE]
        self._boundary = searching.boundary(self._online.windows)

    def given(self) -> list[Study]:
        """Of the loop's own policy, and of those that were asked for."""
        return [self.of_own(), *map(self.of_given, range(len(self._job.policies)))]

    def search(self) -> Search:
        """For a better policy, at its beginning. Costs are bounded by what the log has, not by what
        it might have: bounds that are too wide explore too much."""
        sums = self._online.total
        ground = Ground(
            self._plan.present.arguments,
            self._plan.cost_offset,
            Range(sums.least_reward, sums.most_reward) if sums.events else self._rewards,
            self._gathered.namespaces,
        )
        return Search.begin(ground, self._plan.lines, self._plan.seconds, self._boundary)

    def asked(self, search: Search, pursuits: Pursuits) -> list[Study]:
        first = self._plan.first_line
        return [
            Study(_id(each.candidate), each.candidate.arguments, first + each.until)
            for each in search.asked(self.standings(search, pursuits))
        ]

    def standings(self, search: Search, pursuits: Pursuits) -> Standings:
        everybody = (*search.racing, *search.out)
        known = [(each, pursuits.get(_id(each))) for each in everybody]
        return {each.arguments: self._standing(found) for each, found in known if found}

    def of_own(self) -> Study:
        return Study(OWN, self._effective(self._plan.present), self._plan.end_line)

    def of_given(self, number: int) -> Study:
        """Of a policy that was asked for."""
        given = self._job.policies[number]
        arguments, end = self._effective(given), self._plan.end_line
        return Study(
            id=f"given{number}",
            arguments=arguments,
            until=end,
            generation=given.generation,
            scored_from=given.taught,
        )

    def of_found(self, candidate: Candidate) -> Study:
        """To the end of the log."""
        return Study(_id(candidate), candidate.arguments, self._plan.end_line)

    def _effective(self, given: Named) -> str:
        """As the loop would learn by it."""
        return policy.effective(given.arguments, self._gathered.namespaces.widest)

    def _standing(self, found: Pursuit) -> Standing:
        if found.unusable:
            return Standing(self._plan.lines, 0.0, Sums())
        before, _ = searching.split(found.progress.tally.windows, self._boundary)
        line = max(found.progress.position - self._plan.first_line, 0)
        return Standing(line, found.progress.milliseconds / 1000, before)


def _id(candidate: Candidate) -> str:
    return OWN if candidate.name == PRESENT else f"found-{candidate.name}"
