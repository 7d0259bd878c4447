"""One more step of a loop's learning, written down: objects, then the one write that counts."""

import gzip
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from personalizer import dsjson
from personalizer.domain import days, dedupe, names
from personalizer.domain.commit import Commit, Source, next_head
from personalizer.domain.days import Day
from personalizer.domain.dedupe import Delivery
from personalizer.domain.health import Health
from personalizer.domain.loop import DAY_MS, Head, ModelRef, ObjectRef
from personalizer.ports import Loops, Objects
from personalizer.usecases import health as healths
from personalizer.usecases.training.ledger import Grounds, Ledger
from personalizer.usecases.training.lines import DeliveredLine, Line

LOG_COMPRESSION = 1
"""The fastest: the trainer's time is dearer than the log's bytes."""


@dataclass(frozen=True, slots=True)
class Step:
    """What one batch taught a loop: the model, and the lines that are new in the log, in order.

    `deliveries` is the whole batch; where it ends, the loop's reading of the hub goes on.
    """

    arguments: str
    grounds: Grounds
    model: bytes
    logged: Sequence[Line] = ()
    deliveries: Sequence[Delivery] = ()
    quarantined: int = 0
    source: Source = Source.LEARNED
    imported_lines: bool = False

    @property
    def events(self) -> list[Delivery]:
        return [line.delivery for line in self.logged if isinstance(line, DeliveredLine)]


def write(
    loops: Loops,
    objects: Objects,
    ledger: Ledger,
    step: Step,
    commit_id: str,
    now: int,
    found: Head | None = None,
) -> Commit | None:
    """Write the step's objects, then make them count; None if somebody else was first.

    `found` is the head in the store, if the ledger was steered to another course since.
    """
    commit = _commit(objects, ledger, step, commit_id, now)
    key = names.commit(commit.loop, commit.generation, commit_id)
    ref = objects.put(key, msgspec.json.encode(commit))
    head = ledger.state.head
    export_ms = ledger.state.configuration.model_export_ms
    counts = loops.advance(found or head, next_head(head, commit, ref, now, export_ms))
    return commit if counts else None


def _commit(objects: Objects, ledger: Ledger, step: Step, commit_id: str, now: int) -> Commit:
    head = ledger.state.head
    loop, generation = head.loop, head.generation + 1
    model = objects.put(names.model(loop, head.epoch, generation, commit_id), step.model)
    log = objects.put(names.log(loop, generation, commit_id, now), _segment(step.logged))
    times = [line.ranked_at for line in step.logged] or [now]
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
        relearned=step.grounds.known + len(step.grounds.relearned),
        replay=step.grounds.replay,
        recalled=len(step.grounds.past),
        model=ModelRef(generation, model, now),
        log=log,
        first_line=head.trained,
        trained=len(step.logged),
        quarantined=step.quarantined,
        first_ranked_at=min(times),
        last_ranked_at=max(times),
        horizon=horizon,
        seen=_seen(objects, ledger, step, commit_id, horizon),
        positions=dedupe.advanced(ledger.positions, step.deliveries, now),
        apprentice=sum((dsjson.agreement(line.text) for line in step.logged), ledger.apprentice),
        health=_health(ledger, step),
        source=step.source,
        days=_days(ledger, step, times, now),
        imported_lines=step.imported_lines,
    )


def _health(ledger: Ledger, step: Step) -> Health:
    """A new model, and one from elsewhere or from the past, has yet to prove itself."""
    if ledger.last is not None and step.grounds.base == ledger.last.model:
        health = ledger.last.health
    else:
        health = healths.unproven(step.arguments, ledger.state.configuration.cost_offset)
    ranked_here = () if step.imported_lines else step.logged
    return healths.after(health, (line.text for line in ranked_here))


def _days(ledger: Ledger, step: Step, times: Sequence[int], now: int) -> tuple[Day, ...]:
    head = ledger.state.head
    kept = days.since(ledger.last.days if ledger.last else (), head.kept.oldest)
    if not step.logged:
        return tuple(kept)
    lines = head.trained + len(step.logged)
    today = Day(now // DAY_MS, head.generation + 1, lines, min(times), max(times))
    return days.extended(kept, today)


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
