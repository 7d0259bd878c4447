"""Does a search on a log find the policy that would do best live, and none where there is none?

`python -m benchmarks.evaluation.discovery` plays loops in data sets, searches on their logs, plays
every candidate live, and writes docs/discovery.md. `make bench` prints the figures of a part.

A pick's regret is what the best of all candidates earns live, less what the pick does. Luck alone
makes one of thirty seem the best, so each is played live with several seeds, all by the same draws.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import cycle
from pathlib import Path
from random import Random
from statistics import mean
from typing import NamedTuple

from benchmarks.evaluation.loops import Asked, Log, paid, played, visits
from benchmarks.figure import Figure
from benchmarks.learning.intervals import interval
from benchmarks.learning.page import markdown
from benchmarks.learning.policies import AZURE, PRODUCT
from benchmarks.learning.worlds import WORLDS
from personalizer import dsjson
from personalizer.adapters.vw import VwEngine
from personalizer.domain import policy
from personalizer.domain.evaluation import search
from personalizer.domain.evaluation.candidates import Candidate, Ground
from personalizer.domain.evaluation.search import NOBODY, Search, Standing
from personalizer.domain.evaluation.sums import Sums
from personalizer.domain.evaluation.tally import Tally
from personalizer.domain.health import Range
from personalizer.usecases.evaluation import namespaces
from personalizer.usecases.evaluation.parts import Run
from personalizer.usecases.evaluation.progressive import Pursue, Pursued
from personalizer.usecases.evaluation.study import Study
from personalizer.usecases.evaluation.terms import Terms

REWARDS = Range(0.0, 1.0)
EVENTS = 1_500
LOOPS = {"product": PRODUCT, "azure": AZURE}
"""Who served and logged."""

TUNED = ("segments", "phishing", "catsup")
APART = ("chile", "yogurt", "spam", "cracker", "digits")
SIX = ("digits", "segments", "phishing", "catsup", "cracker", "chile")
QUICK = ("phishing", "catsup", "chile", "yogurt", "spam")
"""Where a candidate learns from a log in about a second."""

LIVE = range(10, 12)
"""Seeds that candidates are played live with; logs have others."""

A_LINE = 0.001
"""Seconds, as it is counted here, so that the same is found on any machine."""
PLENTY = 1e6
A_FIFTH = 8.0
"""Of what all candidates take for all of a log."""
WORKERS = 2

SHUFFLED, FEW_SHUFFLED, SHORT = 100, 20, 300
"""Logs whose rewards are shuffled, in the study and in `make bench`; and their events."""

PAGE = Path(__file__).parents[2] / "docs" / "discovery.md"
BEGIN = "<!-- measured: `python -m benchmarks.evaluation.discovery` writes from here -->"
END = "<!-- to here -->"


class Case(NamedTuple):
    """A loop and its log. `seconds`: what the search may take. Where rewards are `shuffled` over
    the events, no policy is better than any other."""

    world: str
    loop: str
    seed: int = 0
    seconds: float = PLENTY
    events: int = EVENTS
    shuffled: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """`tried` are those that learned from the whole log."""

    best: Candidate
    own: Candidate
    tried: Sequence[Candidate]
    is_applied: bool


def found(case: Case) -> Found:
    bench = _Bench(case)
    while asked := bench.search.asked(bench.standings):
        for candidate, until in asked:
            bench.study(candidate, until)
        bench.search = bench.search.after(bench.standings)
    best = bench.search.preferred(bench.standings)
    return Found(best, bench.search.racing[0], bench.search.racing, bench.is_better(best))


class _Bench:
    """What a run of the product does for its search, in this process."""

    def __init__(self, case: Case) -> None:
        loop = LOOPS[case.loop]
        settings, asked = loop.configuration, _visits(case.world, case.seed, case.events)
        log = played(loop.policy, settings, asked, case.seed)
        lines = _shuffled(log, case.seed) if case.shuffled else log.lines
        self._parts = [[Run(0, lines)]]
        self._terms = Terms(
            settings.cost_offset, settings.replay, settings.exploration, REWARDS, 0, NOBODY
        )
        self._pursue = Pursue(_engine(), lambda: 0)
        self._pursued: dict[str, Pursued] = {}
        self.standings: dict[str, Standing] = {}
        ground = Ground(
            policy.canonical(loop.policy), settings.cost_offset, REWARDS, namespaces.of(lines)
        )
        at = search.boundary(_windows(lines))
        self.search = Search.begin(ground, len(lines), case.seconds, at)

    def study(self, candidate: Candidate, until: int) -> None:
        arguments = candidate.arguments
        study = Study(candidate.name, arguments, until)
        before = self._pursued.get(arguments, Pursued())
        done = self._pursue(study, self._terms, self._parts, before, lambda: True)
        self._pursued[arguments] = done
        sums, _ = search.split(done.progress.tally.windows, self.search.boundary)
        self.standings[arguments] = Standing(until, until * A_LINE, sums)

    def is_better(self, best: Candidate) -> bool:
        gain = self._pursued[best.arguments].progress.tally.gain
        return self.search.is_better(best, gain)


@cache
def _engine() -> VwEngine:
    """One a process."""
    return VwEngine()


def _windows(lines: Sequence[bytes]) -> dict[int, Sums]:
    """Of what was served."""
    online = Tally()
    for event in filter(None, map(dsjson.evaluated, lines)):
        online.add(event, event.probabilities, (0.0,) * len(event.probabilities), REWARDS)
    return online.windows


@lru_cache(maxsize=8)
def _visits(world: str, seed: int, events: int) -> Sequence[Asked]:
    return visits(WORLDS[world](seed).first(events))


def _shuffled(log: Log, seed: int) -> list[bytes]:
    return [*map(paid, log.lines, Random(seed).sample(log.rewards, len(log.rewards)))]


class Live(NamedTuple):
    """What candidates earn live, at all visits on average: each of the settings of a loop."""

    world: str
    loop: str
    arguments: str
    events: int


def earned(live: Live) -> float:
    settings = LOOPS[live.loop].configuration
    logs = [
        played(live.arguments, settings, _visits(live.world, seed, live.events), seed)
        for seed in LIVE
    ]
    return mean(mean(log.rewards) for log in logs)


class Outcome(NamedTuple):
    """What the best candidate earns live more than the pick, and than the loop's own policy."""

    case: Case
    pick: str
    is_applied: bool
    regret: float
    own_regret: float


def outcomes(cases: Sequence[Case], pool: Executor) -> list[Outcome]:
    searched = dict(zip(cases, pool.map(found, cases), strict=True))
    lives = {case: [_live(case, each) for each in searched[case].tried] for case in cases}
    wanted = [*dict.fromkeys(live for each in lives.values() for live in each)]
    values = dict(zip(wanted, pool.map(earned, wanted), strict=True))
    made = []
    for case, each in searched.items():
        most = max(values[live] for live in lives[case])
        pick, own = values[_live(case, each.best)], values[_live(case, each.own)]
        made.append(Outcome(case, each.best.name, each.is_applied, most - pick, most - own))
    return made


def _live(case: Case, candidate: Candidate) -> Live:
    return Live(case.world, case.loop, candidate.arguments, case.events)


def false_applications(runs: int, pool: Executor) -> int:
    """On how many logs without any better policy one would be applied all the same."""
    worlds = zip(range(runs), cycle(QUICK), strict=False)
    cases = [Case(world, "azure", seed, PLENTY, SHORT, shuffled=True) for seed, world in worlds]
    return sum(each.is_applied for each in pool.map(found, cases))


def figures() -> Iterator[Figure]:
    """Of loops with Azure's settings, which have most to gain and learn in the least time."""
    with ProcessPoolExecutor(WORKERS) as pool:
        regrets = [each.regret for each in outcomes([Case(each, "azure") for each in SIX], pool)]
        yield Figure("discovery_regret", mean(regrets), "<=0.03")
        share = false_applications(FEW_SHUFFLED, pool) / FEW_SHUFFLED
        yield Figure("discovery_false_applications", share, "<=0.05")


def main() -> None:
    with ProcessPoolExecutor(WORKERS) as pool:
        cases = [Case(world, loop) for loop in LOOPS for world in (*TUNED, *APART)]
        cases += [Case(world, "azure", seconds=A_FIFTH) for world in QUICK]
        made = outcomes(cases, pool)
        write(made, SHUFFLED, false_applications(SHUFFLED, pool))


def write(made: Sequence[Outcome], runs: int, applied: int) -> None:
    """Between the page's marks."""
    before, _, rest = PAGE.read_text().partition(BEGIN)
    after = rest.partition(END)[2]
    PAGE.write_text(
        "\n".join([f"{before}{BEGIN}", "", *_told(made, runs, applied), f"{END}{after}"])
    )


def _told(made: Sequence[Outcome], runs: int, applied: int) -> Iterator[str]:
    heads = ("log of", "set", "chosen", "applied", "its regret", "regret of the loop's own")
    yield from markdown(heads, map(_row, made))
    for name, worlds in {"tuned on": TUNED, "kept apart": APART}.items():
        own = [each for each in made if each.case.world in worlds and each.case.seconds == PLENTY]
        if own:
            value, margin = interval([each.regret for each in own])
            yield f"Of the logs of sets that were {name} ({len(own)}): {value:.3f} ±{margin:.3f}."
    yield f"\nShuffled rewards: of {runs} logs, a policy would have been applied on {applied}.\n"


def _row(each: Outcome) -> list[str]:
    loop = (
        each.case.loop if each.case.seconds == PLENTY else f"{each.case.loop}, a fifth of the time"
    )
    applied = "yes" if each.is_applied else "no"
    regrets = f"{each.regret:.3f}", f"{each.own_regret:.3f}"
    return [loop, each.case.world, each.pick, applied, *regrets]


if __name__ == "__main__":
    main()
