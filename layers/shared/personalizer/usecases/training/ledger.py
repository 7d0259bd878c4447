"""What a loop has learned so far: one consistent reading, and what the next lesson builds on."""

import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import islice

from personalizer.domain import dedupe, policy
from personalizer.domain.agreement import Agreement
from personalizer.domain.commit import Commit
from personalizer.domain.dedupe import Delivery, Position
from personalizer.domain.loop import DAY_MS, Head, LoopState, ModelRef, ObjectRef
from personalizer.domain.policy import Policy
from personalizer.domain.replay import NO_REPLAY, Replay
from personalizer.errors import ObjectCorrupt, ObjectMissing
from personalizer.ports import Engine, Objects
from personalizer.usecases import chain, past

RELEARNED_LINES = 10_000
RELEARNED_BYTES = 64 * 1024 * 1024
RELEARNED_COMMITS = 1_000
"""How far back a new model goes for its first lesson, each line counted as often as it is taught:
the segment that reaches any ends it. As far a trainer goes for a model that is lost; reading
further would take more time than it has."""
PAST_BYTES = 16 * 1024 * 1024
"""Of lines that may come back: long ones reach less far."""


@dataclass(frozen=True, slots=True)
class Grounds:
    """What a lesson builds on: the model that goes on or, for a new one, what it learns first.

    `relearned` are the log's last lines, which a new model learns first; `past` are the last ones
    before any that will be learned, which may come back beside these, as `replay` says. `healed`:
    the model was lost. `known`: so many lines before these are in the new model already, which was
    learned beside the loop.
    """

    base: ModelRef | None
    model: bytes | None
    relearned: Sequence[bytes] = ()
    past: Sequence[bytes] = ()
    replay: Replay = NO_REPLAY
    healed: bool = False
    known: int = 0


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

    @property
    def apprentice(self) -> Agreement:
        return self.last.apprentice if self.last else Agreement()

    def arguments(self, widest_context: int) -> str:
        """To learn with; once wide contexts have cost a loop its cubic terms, they stay away."""
        narrow = policy.without_cubic(self.policy_arguments)
        last = self.last
        if last is not None and last.narrowed and policy.continues(last.arguments, narrow):
            return narrow
        return policy.effective(self.policy_arguments, widest_context)

    def steered(self, policy: ObjectRef, arguments: str) -> "Ledger":
        """On the course of another policy from the next write on, whose model goes live at once."""
        head = self.state.head
        turned = replace(head, epoch=head.epoch + 1, policy=policy, publish_at=0)
        return replace(self, state=replace(self.state, head=turned), policy_arguments=arguments)

    def continued(self, arguments: str) -> Commit | None:
        """The commit whose model goes on learning; None where a new one must start."""
        last, offset = self.last, self.state.configuration.cost_offset
        if last is None or self.state.head.latest is None or last.cost_offset != offset:
            return None
        return last if policy.continues(last.arguments, arguments) else None


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


def grounds(
    objects: Objects, engine: Engine, ledger: Ledger, arguments: str, *, bounded: bool = True
) -> Grounds:
    """What the next lesson builds on: the model that goes on or, for a new one, the log's tail.

    However much of the log a lost model takes, unless `bounded`.
    """
    continued, replay = ledger.continued(arguments), ledger.state.configuration.replay
    if continued is None:
        return Grounds(None, None, relearned=_history(objects, ledger), replay=replay)
    reach = (RELEARNED_COMMITS, RELEARNED_BYTES) if bounded else (sys.maxsize, sys.maxsize)
    try:
        model, healed = chain.model(objects, engine, continued, *reach)
    except (ObjectMissing, ObjectCorrupt):
        again = _history(objects, ledger)
        if not again or _is_kept(objects, ledger.state.head, continued.learns_from):
            raise
        return Grounds(None, None, relearned=again, replay=replay, healed=True)
    past = _past(objects, ledger, continued)
    return Grounds(continued.model, model, past=past, replay=replay, healed=healed)


def _is_kept(objects: Objects, head: Head, line: int) -> bool:
    """Of those before it, some are forgotten: nothing makes a model again that drew on them."""
    return any(commit.first_line <= line for commit in chain.kept(objects, head))


def _past(objects: Objects, ledger: Ledger, continued: Commit) -> Sequence[bytes]:
    """The lines that the next may bring back: as far as they reach, and no further than those that
    the model learned since replay was switched on, that are kept, and that can be read."""
    head, replay = ledger.state.head, ledger.state.configuration.replay
    if not (replay.events and continued.replay.events):
        return ()
    newest_first: list[bytes] = []
    count, size = min(replay.reach, head.trained - continued.learns_from), 0
    with suppress(ObjectMissing, ObjectCorrupt):  # to learn goes on without them
        for commit in chain.kept(objects, head):
            for line in reversed(chain.segment(objects, commit)):
                size += len(line)
                if len(newest_first) == count or size > PAST_BYTES:
                    return newest_first[::-1]
                newest_first.append(line)
            if len(newest_first) == count:
                break
    return newest_first[::-1]


def _history(objects: Objects, ledger: Ledger) -> list[bytes]:
    """The latest lines of the log, oldest first: what a model that starts anew learns first."""
    head, found, lines, size = ledger.state.head, list[tuple[Commit, list[bytes]]](), 0, 0
    times = 1 + ledger.state.configuration.replay.events
    for commit in islice(chain.commits(objects, head.commit), RELEARNED_COMMITS):
        if commit.first_line < head.learn_from or lines * times >= RELEARNED_LINES:
            break
        segment = chain.segment(objects, commit)
        found.append((commit, segment))
        lines, size = lines + len(segment), size + sum(map(len, segment))
        if size * times >= RELEARNED_BYTES:
            break
    recent = _recent(found, ledger.state.configuration.model_retrain_days)
    return [line for _, segment in reversed(recent) for line in segment]


def _recent[T](newest_first: Sequence[tuple[Commit, T]], days: int) -> Sequence[tuple[Commit, T]]:
    """Back to the oldest with anything ranked at most so many days before the newest; 0: all.

    A late event stands between recent ones, and what a model learns has no gaps: it is learned too.
    """
    if not days:
        return newest_first
    newest = max((commit.last_ranked_at for commit, _ in newest_first if commit.trained), default=0)
    since = newest - days * DAY_MS
    recent = [at for at, (commit, _) in enumerate(newest_first) if commit.last_ranked_at >= since]
    return newest_first[: max(recent, default=-1) + 1]


def _since_proofs(
    objects: Objects, state: LoopState, deliveries: Sequence[Delivery]
) -> frozenset[str]:
    oldest = state.head.kept.oldest - 1
    proofs = [d.joined.absent_until or 0 for d in deliveries if d.is_proven(oldest)]
    if not proofs:
        return frozenset()
    newer = chain.since(objects, state.head.commit, min(proofs))
    return frozenset(past.uids(objects, newer))
