"""What an evaluation found: what comes of comparing the policies that were studied."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from personalizer.domain.evaluation import cressie_read
from personalizer.domain.evaluation import search as searching
from personalizer.domain.evaluation.candidates import PRESENT
from personalizer.domain.evaluation.changes import changed
from personalizer.domain.evaluation.flags import flags
from personalizer.domain.evaluation.job import Job
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
from personalizer.domain.evaluation.search import Search
from personalizer.domain.evaluation.tally import Tally
from personalizer.domain.health import Range
from personalizer.domain.rival import DOUBT
from personalizer.usecases.evaluation.comparison import OWN, Comparison, Pursuits, rewards
from personalizer.usecases.evaluation.gather import Gathered
from personalizer.usecases.evaluation.plan import Plan
from personalizer.usecases.evaluation.pursuit import Pursuit
from personalizer.usecases.evaluation.study import Study

SHOWN = 5
"""Of the policies that were found so many are told of, the best ones."""
_FIXED = {
    ONLINE: PolicySource.ONLINE,
    BASELINE: PolicySource.BASELINE,
    RANDOM: PolicySource.RANDOM,
}


class Findings:
    """`gathered` is of the whole log."""

    def __init__(self, job: Job, plan: Plan, gathered: Gathered):
        self._job = job
        self._plan = plan
        self._gathered = gathered
        self._rewards = rewards(plan, gathered)
        self._boundary = searching.boundary(gathered.fixed.policies[ONLINE].windows)
        self._studies = Comparison(job, plan, gathered)

    def result(self, search: Search | None, pursuits: Pursuits) -> EvaluationResult:
        found = [*self._found(search, pursuits)] if search else []
        custom = [*self._custom(search, pursuits)]
        unknown = {each.name for each in self._job.policies if each.is_unknown}
        honest = [each for each in custom if each.result.name not in unknown]
        choice = [*honest, *found[:1]]  # of those found, the best but for the held out events
        proven = [each for each in choice if each.tally.gain.is_proven(each.result.compared)]
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
            recommended=found[0].result.name if self._prefers_found(search, pursuits) else ONLINE,
            flags=(
                *self._unusable(pursuits),
                *self._taught(),
                *flags(read, self._plan.rewards, heaviest, policies),
            ),
        )

    def _prefers_found(self, search: Search | None, pursuits: Pursuits) -> bool:
        """Whether the best of those found is more than lucky."""
        if search is None:
            return False
        return search.preferred(self._studies.standings(search, pursuits)).name != PRESENT

    def _unusable(self, pursuits: Pursuits) -> Iterator[Flag]:
        for number, each in enumerate(self._job.policies):
            if why := pursuits[self._studies.of_given(number).id].unusable:
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
        study, taken = self._studies.of_own(), {each.name for each in self._job.policies}
        if not pursuits[OWN].unusable:
            name = unused(RETRAINED, taken)
            yield self._challenger(name, PolicySource.OWN, study, pursuits[OWN], ()).result

    def _custom(self, search: Search | None, pursuits: Pursuits) -> Iterator["_Challenger"]:
        compared = len(self._job.policies) * self._kinds(search)
        for number, each in enumerate(self._job.policies):
            study = self._studies.of_given(number)
            pursuit = pursuits[study.id]
            differences = changed(self._plan.present.arguments, each.arguments)
            source = PolicySource.CUSTOM
            yield self._challenger(each.name, source, study, pursuit, differences, compared)

    def _found(self, search: Search, pursuits: Pursuits) -> Iterator["_Challenger"]:
        """But for the loop's own, best first."""
        taken = {each.name for each in self._job.policies}
        compared = search.compared * self._kinds(search)
        taken.add(unused(RETRAINED, taken))
        for each in search.ranked(self._studies.standings(search, pursuits)):
            if each.name != PRESENT:
                study = self._studies.of_found(each)
                name = unused(each.name, taken)
                taken.add(name)
                source, pursuit = PolicySource.OFFLINE_EXPERIMENTATION, pursuits[study.id]
                yield self._challenger(name, source, study, pursuit, each.changed, compared)

    def _kinds(self, search: Search | None) -> int:
        """Those asked for and those found have half of the doubt each: together they mislead no
        more often than one alone, and few that were asked for are not judged as some of many."""
        return 2 if search and self._job.policies else 1

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
        is_found = source is PolicySource.OFFLINE_EXPERIMENTATION
        result = PolicyResult(
            name=name,
            source=source,
            arguments=study.arguments,
            windows=tally.windows,
            compared=compared,
            held_out=held_out if is_found and held_out.events else None,
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


class _Challenger(NamedTuple):
    result: PolicyResult
    tally: Tally


def _gain(tally: Tally, rewards: Range, compared: int) -> tuple[float, float]:
    low, high = tally.gain.bounds(DOUBT / compared)
    return low * rewards.width, high * rewards.width


def _anytime(tally: Tally, rewards: Range, compared: int) -> tuple[float, float]:
    found = tally.anytime.interval(rewards, DOUBT / compared)
    return found.low, found.high
