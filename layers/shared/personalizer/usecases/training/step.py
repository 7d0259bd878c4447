"""One more step of a loop's learning, written down: objects, then the one write that counts."""

import gzip
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from personalizer.domain import dedupe, names
from personalizer.domain.commit import Commit, Source, next_head
from personalizer.domain.dedupe import Delivery
from personalizer.domain.loop import Head, ModelRef, ObjectRef
from personalizer.ports import Loops, Objects
from personalizer.usecases.training.ledger import Grounds, Ledger
from personalizer.usecases.training.lines import Line

LOG_COMPRESSION = 1
"""The fastest: the trainer's time is dearer than the log's bytes."""


@dataclass(frozen=True, slots=True)
class Step:
    """What one batch taught a loop: the model, and the lines it learned, in order.

    `deliveries` is the whole batch; where it ends, the loop's reading of the hub goes on.
    """

    arguments: str
    grounds: Grounds
    model: bytes
    learned: Sequence[Line] = ()
    deliveries: Sequence[Delivery] = ()
    quarantined: int = 0
    source: Source = Source.LEARNED

    @property
    def events(self) -> list[Delivery]:
        return [line.delivery for line in self.learned]


def write(
    loops: Loops,
    objects: Objects,
    ledger: Ledger,
    step: Step,
    commit_id: str,
    now: int,
    found: Head | None = None,
) -> bool:
    """Write the step's objects, then make them count; false if somebody else was first.

    `found` is the head in the store, if the ledger was steered to another course since.
    """
    commit = _commit(objects, ledger, step, commit_id, now)
    key = names.commit(commit.loop, commit.generation, commit_id)
    ref = objects.put(key, msgspec.json.encode(commit))
    head = ledger.state.head
    export_ms = ledger.state.configuration.model_export_ms
    return loops.advance(found or head, next_head(head, commit, ref, now, export_ms))


def _commit(objects: Objects, ledger: Ledger, step: Step, commit_id: str, now: int) -> Commit:
    head = ledger.state.head
    loop, generation = head.loop, head.generation + 1
    model = objects.put(names.model(loop, head.epoch, generation, commit_id), step.model)
    log = objects.put(names.log(loop, generation, commit_id, now), _segment(step.learned))
    times = [delivery.joined.ranked_at for delivery in step.events]
    newest = max((delivery.joined.final_at for delivery in step.events), default=0)
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
        base=step.grounds.base,
        narrowed=step.arguments != ledger.policy_arguments,
        relearned=len(step.grounds.lines),
        model=ModelRef(generation, model, now),
        log=log,
        first_line=head.trained,
        trained=len(step.learned),
        quarantined=step.quarantined,
        first_ranked_at=min(times, default=now),
        last_ranked_at=max(times, default=now),
        horizon=horizon,
        seen=_seen(objects, ledger, step, commit_id, horizon),
        positions=dedupe.advanced(ledger.positions, step.deliveries, now),
        source=step.source,
    )


def _segment(lines: Sequence[Line]) -> bytes:
    plain = b"".join(line.text + b"\n" for line in lines)
    return gzip.compress(plain, LOG_COMPRESSION, mtime=0)


def _seen(
    objects: Objects, ledger: Ledger, step: Step, commit_id: str, horizon: int
) -> dict[int, ObjectRef]:
    """The window's segments, those of this step's events rewritten under a new name."""
    kept = dict(ledger.last.seen) if ledger.last else {}
    for segment in {delivery.segment for delivery in step.events}:
        new = {d.fingerprint for d in step.events if d.segment == segment}
        data = dedupe.pack(new | ledger.seen.get(segment, frozenset()))
        kept[segment] = objects.put(names.seen(ledger.state.head.loop, segment, commit_id), data)
    return {at: ref for at, ref in kept.items() if at * dedupe.SEGMENT_MS >= horizon}
