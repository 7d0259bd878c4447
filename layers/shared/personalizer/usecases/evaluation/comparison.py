"""An evaluation: which policies are studied, and what comes of comparing them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from personalizer.domain import policy
from personalizer.domain.evaluation import cressie_read
from personalizer.domain.evaluation import search as searching
from personalizer.domain.evaluation.candidates import PRESENT, Candidate, Ground
from personalizer.domain.evaluation.changes import changed
from personalizer.domain.evaluation.flags import flags
from personalizer.domain.evaluation.job import Job, Named
from personalizer.domain.evaluation.named import unused
from personalizer.domain.evaluation.result import (
    BASELINE,
    ONLINE,
    RANDOM,
    RETRAINED,
    EvaluationResult,
    Flag,
    Learned,
    PolicyResult,
    PolicySource,
)
from personalizer.domain.evaluation.search import Search, Standing, Standings
from personalizer.domain.evaluation.sums import Sums
from personalizer.domain.evaluation.tally import Tally
from personalizer.domain.health import Range
from personalizer.domain.rival import DOUBT
from personalizer.usecases.evaluation.gather import Gathered
from personalizer.usecases.evaluation.plan import Plan
from personalizer.usecases.evaluation.pursuit import Pursuit
from personalizer.usecases.evaluation.study import Study

OWN = "own"
"""The study of the loop's own policy."""
SHOWN = 5
"""Of the policies that were found so many are told of, the best ones."""
_FIXED = {
    ONLINE: PolicySource.ONLINE,
    BASELINE: PolicySource.BASELINE,
    RANDOM: PolicySource.RANDOM,
}

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
        return [self._study_of_own(), *map(self._study, range(len(self._job.policies)))]

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

    def result(self, search: Search | None, pursuits: Pursuits) -> EvaluationResult:
        found = [*self._found(search, pursuits)] if search else []
        custom = [*self._custom(pursuits)]
        compared = len(self._job.policies) + (search.compared if search else 0)
        unknown = {each.name for each in self._job.policies if each.is_unknown}
        honest = [each for each in custom if each.result.name not in unknown]
        choice = [*honest, *found[:1]]  # of those found, the best but for the held out events
        proven = [each for each in choice if each.tally.gain.is_proven(compared)]
        best = max(proven, key=self._value, default=None)
        shown = [each.result for each in (*custom, *found[:SHOWN])]
        policies = (*self._fixed(), *self._own(pursuits), *shown)
        read, heaviest = self._gathered.read, self._gathered.fixed.heaviest
        return EvaluationResult(
            policies=policies,
            rewards=self._rewards,
            heaviest=heaviest,
            until=self._plan.until,
            read=read,
            optimal=best.result.name if best else ONLINE,
            flags=(
                *self._unusable(pursuits),
                *self._taught(),
                *flags(read, self._plan.rewards, heaviest, policies),
            ),
        )

    def _unusable(self, pursuits: Pursuits) -> Iterator[Flag]:
        for number, each in enumerate(self._job.policies):
            if why := pursuits[self._study(number).id].unusable:
                yield Flag("unusable", f"It could not be learned by: {why}.", each.name)

    def _taught(self) -> Iterator[Flag]:
        for each in self._job.policies:
            if each.is_unknown:
                text = "It is from elsewhere: events that it learned there say nothing of it here."
                yield Flag("unknownModel", text, each.name)
            if (known := min(each.taught, self._plan.end_line) - self._plan.first_line) > 0:
                text = f"It may have learned the first {known:,} events: only those after count."
                yield Flag("taughtEvents", text, each.name)

    def _fixed(self) -> Iterator[PolicyResult]:
        for name, source in _FIXED.items():
            tally = self._gathered.fixed.policies[name]
            arguments = self._plan.present.arguments if source is PolicySource.ONLINE else ""
            rewards = self._plan.rewards  # as they were gathered
            gain = None if source is PolicySource.ONLINE else _gain(tally, rewards, 1)
            anytime = _anytime(tally, rewards, 1)
            yield PolicyResult(name, source, arguments, tally.windows, gain=gain, anytime=anytime)

    def _own(self, pursuits: Pursuits) -> Iterator[PolicyResult]:
        """To tell a better policy from the same policy that has learned more, or less."""
        study, taken = self._study_of_own(), {each.name for each in self._job.policies}
        if not pursuits[OWN].unusable:
            name = unused(RETRAINED, taken)
            yield self._challenger(name, PolicySource.OWN, study, pursuits[OWN], ()).result

    def _custom(self, pursuits: Pursuits) -> Iterator["_Challenger"]:
        for number, each in enumerate(self._job.policies):
            study = self._study(number)
            pursuit = pursuits[study.id]
            differences = changed(self._plan.present.arguments, each.arguments)
            yield self._challenger(each.name, PolicySource.CUSTOM, study, pursuit, differences)

    def _found(self, search: Search, pursuits: Pursuits) -> Iterator["_Challenger"]:
        """But for the loop's own, best first."""
        taken, compared = {each.name for each in self._job.policies}, search.compared
        taken.add(unused(RETRAINED, taken))
        for each in search.ranked(self.standings(search, pursuits)):
            if each.name != PRESENT:
                study = Study(_id(each), each.arguments, self._plan.end_line)
                name = unused(each.name, taken)
                taken.add(name)
                source, pursuit = PolicySource.OFFLINE_EXPERIMENTATION, pursuits[study.id]
                yield self._challenger(name, source, study, pursuit, each.changed, compared)

    def _challenger(
        self,
        name: str,
        source: PolicySource,
        study: Study,
        pursuit: Pursuit,
        differences: Sequence[str],
        compared: int = 1,
    ) -> "_Challenger":
        tally = pursuit.progress.tally
        _, held_out = searching.split(tally.windows, self._boundary)
        result = PolicyResult(
            name=name,
            source=source,
            arguments=study.arguments,
            windows=tally.windows,
            compared=compared,
            held_out=held_out if compared > 1 and held_out.events else None,
            gain=_gain(tally, self._rewards, compared),
            anytime=_anytime(tally, self._rewards, compared),
            refused=len(pursuit.progress.refused),
            changed=tuple(differences),
            learned=self._learned(study, pursuit),
        )
        return _Challenger(result, tally)

    def _learned(self, study: Study, pursuit: Pursuit) -> Learned | None:
        if pursuit.model is None or study.generation:
            return None
        has_gaps = bool(self._gathered.read.lost or pursuit.progress.refused)
        return Learned(
            model=pursuit.model,
            arguments=study.arguments,
            cost_offset=self._plan.cost_offset,
            replay=self._plan.replay,
            first_line=self._plan.first_line,
            next_line=self._plan.end_line,
            has_gaps=has_gaps,
        )

    def _value(self, challenger: "_Challenger") -> float:
        heaviest = self._gathered.fixed.heaviest
        return cressie_read.estimate(challenger.result.total, heaviest)

    def _study_of_own(self) -> Study:
        return Study(OWN, self._effective(self._plan.present), self._plan.end_line)

    def _study(self, number: int) -> Study:
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

    def _effective(self, given: Named) -> str:
        """As the loop would learn by it."""
        return policy.effective(given.arguments, self._gathered.namespaces.widest)

    def _standing(self, found: Pursuit) -> Standing:
        if found.unusable:
            return Standing(self._plan.lines, 0.0, Sums())
        before, _ = searching.split(found.progress.tally.windows, self._boundary)
        line = max(found.progress.position - self._plan.first_line, 0)
        return Standing(line, found.progress.milliseconds / 1000, before)


class _Challenger(NamedTuple):
    result: PolicyResult
    tally: Tally


def _gain(tally: Tally, rewards: Range, compared: int) -> tuple[float, float]:
    low, high = tally.gain.bounds(DOUBT / compared)
    return low * rewards.width, high * rewards.width


def _anytime(tally: Tally, rewards: Range, compared: int) -> tuple[float, float]:
    found = tally.anytime.interval(rewards, DOUBT / compared)
    return found.low, found.high


def _id(candidate: Candidate) -> str:
    return OWN if candidate.name == PRESENT else f"found-{candidate.name}"
