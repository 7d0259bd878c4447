"""Why a decision of the log was made: what the model that ranked it then predicted, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from personalizer import dsjson
from personalizer.domain import policy
from personalizer.domain.commit import Commit
from personalizer.domain.explanation import MOST_PAIRS, Explanation
from personalizer.domain.request import RankRequest
from personalizer.errors import GenerationNotFound, ObjectMissing, Unexplained
from personalizer.ports import Engine, Loops, Objects
from personalizer.usecases import chain
from personalizer.usecases.logs import Range

ANY_TIME = Range()


@dataclass(frozen=True, slots=True)
class Candidate:
    """`explanation` is of the reward that was predicted for it."""

    id: str
    probability: float
    explanation: Explanation


@dataclass(frozen=True, slots=True)
class Explained:
    """`candidates` as they were ranked, the chosen one first."""

    event_id: str
    uid: str
    ranked_at: int
    generation: int
    arguments: str
    candidates: Sequence[Candidate]


class Explain:
    """Looks through no more commits than `most`, if that is said."""

    def __init__(self, loops: Loops, objects: Objects, engine: Engine, most: int | None = None):
        self._loops = loops
        self._objects = objects
        self._engine = engine
        self._most = most

    def __call__(self, loop: str, event: str, within: Range = ANY_TIME) -> Explained:
        """Of the newest line with this event id, or uid, that was ranked in that time.

        Raises Unexplained; LoopNotFound, ObjectMissing or ObjectCorrupt.
        """
        commit, line = self._found(loop, event, within)
        decision = dsjson.told(line)
        if commit.imported_lines:
            raise Unexplained("DecidedElsewhere", "The decision was made elsewhere, and imported.")
        if not decision.generation:
            raise Unexplained("NoModelRanked", "There was no model yet, or it was not to decide.")
        made = self._model(commit, decision.generation)
        request = self._engine.request(bytes(decision.c))
        explanations = self._explained(made, request)
        candidates = [
            Candidate(request.actions[number - 1].id, probability, explanations[number - 1])
            for number, probability in zip(decision.a, decision.p, strict=True)
        ]
        at = dsjson.milliseconds(decision.at)
        event_id, uid = decision.event_id, decision.uid
        return Explained(event_id, uid, at, made.generation, made.arguments, candidates)

    def _found(self, loop: str, event: str, within: Range) -> tuple[Commit, bytes]:
        head = self._loops.state(loop, consistent=True).head
        for commit in islice(chain.kept(self._objects, head), self._most):
            if within.meets(commit):
                for line in reversed(chain.segment(self._objects, commit)):
                    if dsjson.names(line, event) and within.has(dsjson.ranked_at(line)):
                        return commit, line
        where = "log" if self._most is None else f"newest {self._most} segments of the log"
        raise Unexplained("EventNotInLog", f"The {where} has no such event, or not in that time.")

    def _model(self, commit: Commit, generation: int) -> Commit:
        """The commit that made the model, which is before the one with what it decided."""
        try:
            return chain.find(self._objects, commit.previous, generation)
        except GenerationNotFound:
            text = f"Generation {generation}, which decided, is not in the loop's history."
            raise Unexplained("ModelForgotten", text) from None

    def _explained(self, made: Commit, request: RankRequest) -> list[Explanation]:
        try:
            predictor = self._engine.load(chain.given(self._objects, made))
        except ObjectMissing:
            text = f"Generation {made.generation}, which decided, is not kept any more."
            raise Unexplained("ModelForgotten", text) from None
        if policy.too_wide(predictor.arguments, request.context_size):
            text = "The context has too many features for the model, so chance alone decided."
            raise Unexplained("NoModelRanked", text)
        if request.pairs > MOST_PAIRS:
            text = f"More than {MOST_PAIRS:,} pairs of features."
            raise Unexplained("TooManyFeatures", text)
        return [each.of_reward(made.cost_offset) for each in predictor.explain(request)]
