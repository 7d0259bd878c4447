"""What a loop has learned so far: one consistent reading, and what the next lesson builds on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from personalizer.domain import dedupe, policy
from personalizer.domain.commit import Commit
from personalizer.domain.dedupe import Delivery, Position
from personalizer.domain.loop import LoopState
from personalizer.domain.policy import Policy
from personalizer.ports import Objects
from personalizer.usecases import chain, past
from personalizer.usecases.chain import Grounds

RELEARNED_LINES = 10_000
RELEARNED_BYTES = 64 * 1024 * 1024
RELEARNED_COMMITS = 1_000
"""How far back a new model goes for its first lesson: the segment that reaches any ends it. As far
a trainer goes for a model that is lost; reading further would take more time than it has."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """One consistent reading of a loop.

    `seen` covers the segments of the batch at hand, `since_proofs` the uids trained after the
    oldest proof in it.
    """

    state: LoopState
    last: Commit | None
    policy_arguments: str
    seen: Mapping[int, frozenset[bytes]]
    since_proofs: frozenset[str] = field(default_factory=frozenset)

    @property
    def positions(self) -> Mapping[str, Position]:
        return self.last.positions if self.last else {}

    @property
    def proofs_from(self) -> int:
        """A proof that is older says nothing of the lines that were forgotten after it."""
        return self.state.head.kept.oldest - 1

    @property
    def horizon(self) -> int:
        return self.last.horizon if self.last else 0

    def arguments(self, widest_context: int) -> str:
        """To learn with; once wide contexts have cost a loop its cubic terms, they stay away."""
        same = self.last is not None and self.last.policy == self.state.head.policy
        current = self.last.arguments if self.last and same else self.policy_arguments
        return policy.effective(current, widest_context)

    def continued(self, arguments: str) -> Commit | None:
        """The commit whose model goes on learning; None where a new one must start."""
        last, offset = self.last, self.state.configuration.cost_offset
        if last is None or self.state.head.latest is None:
            return None
        return last if (last.arguments, last.cost_offset) == (arguments, offset) else None


def read(objects: Objects, state: LoopState, deliveries: Sequence[Delivery]) -> Ledger:
    """Raises ObjectMissing or ObjectCorrupt for what the head names and is not there as written."""
    head = state.head
    last = chain.decoded(objects, head.commit, Commit) if head.commit else None
    chosen = chain.decoded(objects, head.policy, Policy)
    segments = {delivery.segment for delivery in deliveries}
    remembered = last.seen if last else {}
    seen = {
        segment: dedupe.unpack(objects.get(remembered[segment]))
        for segment in segments & remembered.keys()
    }
    return Ledger(state, last, chosen.arguments, seen, _since_proofs(objects, state, deliveries))


def grounds(objects: Objects, ledger: Ledger, arguments: str) -> Grounds:
    """What the next lesson builds on: the model that goes on or, for a new one, the log's tail."""
    continued = ledger.continued(arguments)
    if continued is not None:
        return chain.grounds(objects, continued, RELEARNED_COMMITS, RELEARNED_BYTES)
    offset = ledger.state.configuration.cost_offset
    return Grounds(None, None, chain.with_costs(_history(objects, ledger), offset, arguments))


def _history(objects: Objects, ledger: Ledger) -> list[bytes]:
    """The latest lines of the log, oldest first: what a model that starts anew learns first."""
    head, segments, lines, size = ledger.state.head, list[list[bytes]](), 0, 0
    for commit in islice(chain.commits(objects, head.commit), RELEARNED_COMMITS):
        if commit.first_line < head.learn_from or lines >= RELEARNED_LINES:
            break
        segments.append(chain.segment(objects, commit))
        lines, size = lines + len(segments[-1]), size + sum(map(len, segments[-1]))
        if size >= RELEARNED_BYTES:
            break
    return [line for segment in reversed(segments) for line in segment]


def _since_proofs(
    objects: Objects, state: LoopState, deliveries: Sequence[Delivery]
) -> frozenset[str]:
    oldest = state.head.kept.oldest - 1
    proofs = [d.joined.absent_until or 0 for d in deliveries if d.is_proven(oldest)]
    if not proofs:
        return frozenset()
    newer = chain.since(objects, state.head.commit, min(proofs))
    return frozenset(past.uids(objects, newer))
