"""Progressive validation: a policy learns along the log, and is judged by what it thinks of each
decision just before it learns it. So every event counts, and none is judged by what it taught.

How far that came is kept, to go on later: cut wherever it may be, it ends with the same numbers and
the same model, byte for byte, which is the one that the trainer would have made of these lines.
"""

import copy
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from personalizer import dsjson
from personalizer.domain import policy
from personalizer.domain.evaluation.tally import Tally
from personalizer.domain.evaluation.weights import Weights
from personalizer.ports import Engine, Opinion
from personalizer.usecases.evaluation.features import altering
from personalizer.usecases.evaluation.parts import Part
from personalizer.usecases.evaluation.pieces import Pace, Piece, pieces
from personalizer.usecases.evaluation.study import Study
from personalizer.usecases.evaluation.terms import Terms
from personalizer.usecases.lessons import lessons


@dataclass(frozen=True, slots=True)
class Progress:
    """Of a study: the log's lines before `position` are dealt with, which were so many `lines` and
    took so long. Those at the places `refused` could not be learned, or not be judged."""

    position: int = 0
    lines: int = 0
    milliseconds: int = 0
    tally: Tally = field(default_factory=Tally)
    refused: tuple[int, ...] = ()

    def needed(self, terms: Terms) -> int:
        """The first place in the log that must be read to go on."""
        return max(0, self.position - _reach(terms))


@dataclass(frozen=True, slots=True)
class Pursued:
    """A study as far as it was pursued. `model`: what was learned, or the model that is studied as
    it is. `weights` are of the scored events, the refused ones with weight 1: as they were served.
    """

    progress: Progress = field(default_factory=Progress)
    model: bytes | None = None
    weights: Weights = field(default_factory=Weights)


class Pursue:
    """`clock` gives epoch ms."""

    def __init__(self, engine: Engine, clock: Callable[[], int]):
        self._engine = engine
        self._clock = clock

    def __call__(
        self,
        study: Study,
        terms: Terms,
        parts: Iterable[Part],
        before: Pursued,
        has_time: Callable[[], bool],
    ) -> Pursued:
        """Go on to the study's end, or until there is no time left, though a piece at least. The
        parts are those of the log's lines from `needed` on; they are read as they are needed.

        Raises PolicyUnusable; ObjectCorrupt for a model that is studied as it is.
        """
        work, known = _Work(self._engine, study, terms, before), before.progress
        pace, position = Pace(self._clock, known.lines, known.milliseconds), known.position
        for piece in pieces(parts, position, study.until, _reach(terms), pace):
            work.do(piece)
            pace.learned(len(piece.lines))
            position = piece.end
            if not has_time():
                return work.done(position, pace)
        return work.done(max(position, study.until), pace)


def _reach(terms: Terms) -> int:
    return terms.replay.reach if terms.replay.events else 0


class _Work:
    def __init__(self, engine: Engine, study: Study, terms: Terms, before: Pursued):
        self._engine, self._study, self._terms = engine, study, terms
        self._course = terms.course(study.arguments)
        self._tells_costs = policy.tells_costs(study.arguments)
        self._alter = altering(study)
        self._tally = before.progress.tally.copy()
        self._weights = copy.deepcopy(before.weights)
        self._refused = set(before.progress.refused)
        self._model = before.model

    def do(self, piece: Piece) -> None:
        if self._alter is not None:
            past, lines = ([*map(self._alter, each)] for each in (piece.past, piece.lines))
            piece = piece._replace(past=past, lines=lines)
        if self._study.generation:
            self._consult(piece)
        else:
            self._learn(piece)

    def done(self, position: int, pace: Pace) -> Pursued:
        refused = tuple(sorted(self._refused))
        progress = Progress(position, pace.lines, pace.milliseconds, self._tally, refused)
        return Pursued(progress, self._model, self._weights)

    def _learn(self, piece: Piece) -> None:
        """What was refused once would be again, so it does not come back."""
        found = lessons(self._course, piece.lines, piece.first, piece.past)
        taught = [each for each in found if each.position not in self._refused]
        asked, newest = list[int](), piece.first - 1
        for place, (position, line) in enumerate(taught):
            if position > newest:
                newest = position
                if dsjson.is_sampled(line):
                    asked.append(place)
        lines = [each.line for each in taught]
        judged = self._engine.judge(self._course.arguments, self._model, lines, asked)
        self._model = judged.model
        answers = zip(taught, judged.rejections, strict=True)
        self._refused.update(each.position for each, reason in answers if reason is not None)
        for place in asked:
            self._score(lines[place], judged.opinions.get(place))

    def _consult(self, piece: Piece) -> None:
        assert self._model is not None  # noqa: S101 - it is what is studied
        untaught = max(self._study.scored_from - piece.first, 0)
        news = enumerate(piece.lines[untaught:], untaught)
        places = [at for at, line in news if dsjson.is_sampled(line)]
        lines = [piece.lines[place] for place in places]
        opinions = self._engine.consult(self._model, lines)
        for place, line, opinion in zip(places, lines, opinions, strict=True):
            self._score(line, opinion)
            if opinion is None:
                self._refused.add(piece.first + place)

    def _score(self, line: bytes, opinion: Opinion | None) -> None:
        terms = self._terms
        decision = terms.scored(line)
        if decision is None:
            return
        count = len(decision.probabilities)
        if opinion is None or len(opinion.probabilities) != count:
            self._weights.add(1.0, decision.reward)
            return
        served = terms.served(opinion.probabilities)
        expected = terms.expected(opinion.costs) if self._tells_costs else (0.0,) * count
        weight = self._tally.add(decision, served, expected, terms.rewards)
        self._weights.add(weight, decision.reward)
