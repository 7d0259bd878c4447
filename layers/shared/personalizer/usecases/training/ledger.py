"""What a loop has learned so far, and how one more step is written down."""

import gzip
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from personalizer.domain import dedupe, names, policy
from personalizer.domain.commit import Commit, next_head
from personalizer.domain.dedupe import Delivery
from personalizer.domain.loop import LoopState, ModelRef, ObjectRef
from personalizer.domain.policy import Policy
from personalizer.errors import ObjectCorrupt
from personalizer.ports import Loops, Objects
from personalizer.usecases.training.lines import Line

RELEARNED_LINES = 10_000
RELEARNED_BYTES = 64 * 1024 * 1024
"""How far back a new model goes for its first lesson; the segment that reaches either ends it."""

LOG_COMPRESSION = 1
"""The fastest: the trainer's time is dearer than the log's bytes."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """One consistent reading of a loop; `seen` covers the segments of the batch at hand."""

    state: LoopState
    last: Commit | None
    policy_arguments: str
    seen: Mapping[int, frozenset[bytes]]

    @property
    def positions(self) -> Mapping[str, int]:
        return self.last.positions if self.last else {}

    @property
    def horizon(self) -> int:
        return self.last.horizon if self.last else 0

    def arguments(self, widest_context: int) -> str:
        """To learn with; once wide contexts have cost a loop its cubic terms, they stay away."""
        same = self.last is not None and self.last.policy == self.state.head.policy
        current = self.last.arguments if self.last and same else self.policy_arguments
        return policy.effective(current, widest_context)

    def base(self, arguments: str) -> ModelRef | None:
        """The model to continue from; other arguments need a new one."""
        continues = self.last is not None and self.last.arguments == arguments
        return self.last.model if self.last and continues else None


@dataclass(frozen=True, slots=True)
class Step:
    """What one batch taught a loop: the model, and the lines it learned, in order.

    `deliveries` is the whole batch; where it ends, the loop's reading of the hub goes on.
    """

    arguments: str
    base: ModelRef | None
    relearned: int
    model: bytes
    learned: Sequence[Line]
    deliveries: Sequence[Delivery]
    quarantined: int

    @property
    def events(self) -> list[Delivery]:
        return [line.delivery for line in self.learned]


def read(objects: Objects, state: LoopState, deliveries: Sequence[Delivery]) -> Ledger:
    """Raises ObjectMissing or ObjectCorrupt for what the head names and is not there as written."""
    head = state.head
    last = _decoded(objects, head.commit, Commit) if head.commit else None
    chosen = _decoded(objects, head.policy, Policy)
    segments = {delivery.segment for delivery in deliveries}
    remembered = last.seen if last else {}
    seen = {
        segment: dedupe.unpack(objects.get(remembered[segment]))
        for segment in segments & remembered.keys()
    }
    return Ledger(state, last, chosen.arguments, seen)


def history(objects: Objects, ledger: Ledger) -> list[bytes]:
    """The latest lines of the log, oldest first: what a model that starts anew learns first."""
    segments: list[list[bytes]] = []
    lines = size = 0
    commit = ledger.last
    while commit is not None and lines < RELEARNED_LINES and size < RELEARNED_BYTES:
        plain = gzip.decompress(objects.get(commit.log))
        segments.append(plain.splitlines())
        lines, size = lines + commit.trained, size + len(plain)
        commit = _decoded(objects, commit.previous, Commit) if commit.previous else None
    return [line for segment in reversed(segments) for line in segment]


def _decoded[T](objects: Objects, ref: ObjectRef, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(objects.get(ref), type=kind)
    except msgspec.DecodeError as error:
        raise ObjectCorrupt(f"{ref.key}: {error}") from error


def write(
    loops: Loops, objects: Objects, ledger: Ledger, step: Step, commit_id: str, now: int
) -> bool:
    """Write the step's objects, then make them count; false if somebody else was first."""
    commit = _commit(objects, ledger, step, commit_id, now)
    key = names.commit(commit.loop, commit.generation, commit_id)
    ref = objects.put(key, msgspec.json.encode(commit))
    head = ledger.state.head
    export_ms = ledger.state.configuration.model_export_ms
    return loops.advance(head, next_head(head, commit, ref, now, export_ms))


def _commit(objects: Objects, ledger: Ledger, step: Step, commit_id: str, now: int) -> Commit:
    head = ledger.state.head
    loop, generation = head.loop, head.generation + 1
    model = objects.put(names.model(loop, head.epoch, generation, commit_id), step.model)
    log = objects.put(names.log(loop, generation, commit_id, now), _segment(step.learned))
    times = [delivery.joined.ranked_at for delivery in step.events]
    newest = max(delivery.joined.final_at for delivery in step.events)
    horizon = dedupe.horizon_after(ledger.horizon, min(newest, now))
    return Commit(
        loop=loop,
        epoch=head.epoch,
        generation=generation,
        commit_id=commit_id,
        previous=head.commit,
        policy=head.policy,
        arguments=step.arguments,
        cost_offset=ledger.state.configuration.cost_offset,
        base=step.base,
        relearned=step.relearned,
        model=ModelRef(generation, model),
        log=log,
        first_line=head.trained,
        trained=len(step.learned),
        quarantined=step.quarantined,
        first_ranked_at=min(times),
        last_ranked_at=max(times),
        horizon=horizon,
        seen=_seen(objects, ledger, step, commit_id, horizon),
        positions=dedupe.advanced(ledger.positions, step.deliveries),
    )


def _segment(lines: Sequence[Line]) -> bytes:
    plain = b"".join(line.text + b"\n" for line in lines)
    return gzip.compress(plain, LOG_COMPRESSION, mtime=0)


def _seen(
    objects: Objects, ledger: Ledger, step: Step, commit_id: str, horizon: int
) -> dict[int, ObjectRef]:
    """The window's segments, those of this step's events rewritten under a new name."""
    remembered = ledger.last.seen if ledger.last else {}
    kept = {
        segment: ref
        for segment, ref in remembered.items()
        if segment * dedupe.SEGMENT_MS >= horizon
    }
    for segment in {delivery.segment for delivery in step.events}:
        new = {d.fingerprint for d in step.events if d.segment == segment}
        data = dedupe.pack(new | ledger.seen.get(segment, frozenset()))
        kept[segment] = objects.put(names.seen(ledger.state.head.loop, segment, commit_id), data)
    return kept
