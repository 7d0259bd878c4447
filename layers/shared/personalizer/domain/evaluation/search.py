"""A search for a better policy, within a budget of time: which candidates learn on, and how far.

If time allows, all learn from the whole log. Otherwise it goes by successive halving: all learn
from its beginning, then those that may still be the best from twice as much, and so on. Around the
best of those some more are tried.

The last events of the log have no say in what is chosen: so they tell what the choice is worth.
"""

import math
from collections.abc import Iterable, Mapping
from typing import NamedTuple, Self

import msgspec

from personalizer.domain.evaluation import candidates, cressie_read
from personalizer.domain.evaluation.candidates import Candidate, Ground
from personalizer.domain.evaluation.gain import Gain
from personalizer.domain.evaluation.sums import Sums
from personalizer.domain.health import Range

HELD_OUT = 0.3
"""Of the scored events, those that have no say in the choice."""
NOBODY = 2**63 - 1
"""When the held out events begin, if there are none."""

PROBE, LEAST_PROBE = 16, 500
"""At first all candidates learn from this part of the log, or from so many lines."""


class Standing(NamedTuple):
    """How far a candidate has come. `sums` are of events ranked before the search's boundary;
    `seconds`: what it took. One that cannot be learned is at the end, with no events."""

    line: int
    seconds: float
    sums: Sums


NOWHERE = Standing(0, 0.0, Sums())

type Standings = Mapping[str, Standing]
"""By canonical arguments."""


class Asked(NamedTuple):
    """The candidate is to learn up to the line at `until`."""

    candidate: Candidate
    until: int


class Search(msgspec.Struct, frozen=True):
    """Where a search stands. `racing` are still in it, the loop's own policy first; `out` are those
    that were given up. All that race learn up to the line at `until`, then is decided again."""

    ground: Ground
    lines: int
    seconds: float
    boundary: int
    racing: tuple[Candidate, ...]
    until: int
    out: tuple[Candidate, ...] = ()
    is_refined: bool = False

    @classmethod
    def begin(cls, ground: Ground, lines: int, seconds: float, boundary: int) -> Self:
        """`lines` has the job's log; events ranked at `boundary` (epoch ms) or later are held
        out."""
        until = min(lines, max(lines // PROBE, LEAST_PROBE))
        return cls(ground, lines, seconds, boundary, candidates.broad(ground), until)

    def asked(self, standings: Standings) -> list[Asked]:
        """What is to be done before anything else is decided."""
        return [
            Asked(each, self.until)
            for each in self.racing
            if _standing(each, standings).line < self.until
        ]

    def after(self, standings: Standings) -> Self:
        """What is asked next, or the same while something asked is not done; at the end the same
        for ever, and nothing is asked."""
        if self.asked(standings):
            return self
        if self.until < self.lines:
            return self._further(standings)
        return self if self.is_refined else self._refined(standings)

    def ranked(self, standings: Standings) -> list[Candidate]:
        """Those that still race, best first; of equals the one that comes first."""
        return sorted(self.racing, key=lambda each: -_value(each, standings))

    def preferred(self, standings: Standings) -> Candidate:
        """The one to go by: the loop's own policy, unless the interval of the best begins above
        what that would have earned. Of policies as good as one's own, the luckiest seems the best.
        """
        own, best = self.racing[0], self.ranked(standings)[0]
        least = _span(best, standings, self.ground.rewards).low
        return best if least > _value(own, standings) else own

    @property
    def compared(self) -> int:
        """How many policies could have been chosen: what is said of the best is for as many."""
        return candidates.count(self.ground)

    def is_better(self, candidate: Candidate, gain: Gain) -> bool:
        """Whether to replace the loop's policy by this one: it is another, and all but certain to
        earn more than what was served."""
        return bool(candidate.changed) and gain.is_proven(self.compared)

    def _further(self, standings: Standings) -> Self:
        left = self._left(standings)
        if _cost(self.racing, self.lines, standings) <= left:
            return msgspec.structs.replace(self, until=self.lines)
        until = self._next()
        rungs = 1 + math.ceil(math.log2(self.lines / until))
        others = self._hopeful(standings)
        surest, others = [self.racing[0], *others[:1]], others[1:]
        spare = (left - _cost(surest, self.lines, standings)) / rungs
        while others and _cost(others, until, standings) > spare:
            others.pop()
        kept = [each for each in self.racing if each in surest or each in others]
        out = [each for each in self.racing if each not in kept]
        return msgspec.structs.replace(self, racing=tuple(kept), out=(*self.out, *out), until=until)

    def _left(self, standings: Standings) -> float:
        return self.seconds - sum(each.seconds for each in standings.values())

    def _next(self) -> int:
        """Twice as far, or to the end if only held out events would be left."""
        until = 2 * self.until
        return until if until < (1 - HELD_OUT) * self.lines else self.lines

    def _hopeful(self, standings: Standings) -> list[Candidate]:
        """But for the loop's own, those that may be the best, best first, and at most half."""
        spans = {each: _span(each, standings, self.ground.rewards) for each in self.racing}
        least = max(span.low for span in spans.values())
        own, *others = self.racing
        hopeful = [e for e in self.ranked(standings) if e != own and spans[e].high >= least]
        return hopeful[: max(len(others) // 2, 1)]

    def _refined(self, standings: Standings) -> Self:
        """Around the best, as many as there is time for."""
        best = self.ranked(standings)[0]
        left = self._left(standings)
        cost = _standing(best, standings).seconds
        known = {each.arguments for each in (*self.racing, *self.out)}
        near = [e for e in candidates.refined(self.ground, best) if e.arguments not in known]
        affordable = near[: max(int(left / cost), 0)] if cost else near
        return msgspec.structs.replace(self, racing=(*self.racing, *affordable), is_refined=True)


def boundary(windows: Mapping[int, Sums]) -> int:
    """Where the held out events begin: the start of a window before which most events lie."""
    total = sum(each.events for each in windows.values())
    before = 0
    for start in sorted(windows):
        if before >= (1 - HELD_OUT) * total:
            return start
        before += windows[start].events
    return NOBODY


def split(windows: Mapping[int, Sums], at: int) -> tuple[Sums, Sums]:
    """The sums of what was ranked before, and of the rest."""
    before, after = Sums(), Sums()
    for start in sorted(windows):
        if start < at:
            before += windows[start]
        else:
            after += windows[start]
    return before, after


def _cost(of: Iterable[Candidate], until: int, standings: Standings) -> float:
    """Seconds until all of these are there, if they go on as fast."""
    known = [_standing(each, standings) for each in of]
    return sum((until - each.line) * each.seconds / max(each.line, 1) for each in known)


def _standing(candidate: Candidate, standings: Standings) -> Standing:
    return standings.get(candidate.arguments, NOWHERE)


def _value(candidate: Candidate, standings: Standings) -> float:
    """Its average reward, cautiously: what the log does not show earns the least there is.

    A policy that prefers what was hardly ever shown has weights that add up to too little until one
    comes that is huge; to divide by their sum would make the best of such the best of all.
    """
    sums = _standing(candidate, standings).sums
    if not sums.events:
        return -math.inf
    missing = max(sums.events - sums.w, 0.0)
    return (sums.wr + missing * sums.least_reward) / (sums.w + missing)


def _span(candidate: Candidate, standings: Standings, rewards: Range) -> Range:
    """What it may earn, whatever weights are still to come."""
    return cressie_read.interval(_standing(candidate, standings).sums, rewards, math.inf)
