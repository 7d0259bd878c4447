"""One step of a loop's learning, as it is kept for ever: what was trained, with what, on what."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from personalizer.domain import forgetting
from personalizer.domain.days import Day
from personalizer.domain.dedupe import Position
from personalizer.domain.loop import Head, ModelRef, ObjectRef


@dataclass(frozen=True, slots=True)
class Commit:
    """A link of the chain that starts at a loop's head and ends at its first model.

    Learning the lines of `log` on top of `base`, with `arguments` and `cost_offset`, gives the same
    model, byte for byte. Before them it learned again the `relearned` lines that come before them
    in the log, if the loop had no model to start from, or had lost those in between.
    `first_line` counts the lines of all segments before this one, so that a line keeps its number
    whatever the batches were. Of the dedupe window, `horizon` is the lower end and `seen` maps a
    segment to the object with its fingerprints; `positions` tells how far each shard was read.
    `days` are those of the log that is kept, this commit's included. `imported_lines`: the segment
    holds decisions that were not made here.
    """

    loop: str
    epoch: int
    generation: int
    commit_id: str
    previous: ObjectRef | None
    policy: ObjectRef
    arguments: str
    cost_offset: float
    base: ModelRef | None
    relearned: int
    model: ModelRef
    log: ObjectRef
    first_line: int
    trained: int
    quarantined: int
    first_ranked_at: int
    last_ranked_at: int
    horizon: int = 0
    seen: Mapping[int, ObjectRef] = field(default_factory=dict)
    positions: Mapping[str, Position] = field(default_factory=dict)
    days: tuple[Day, ...] = ()
    imported_lines: bool = False
    format: Literal[1] = 1
    """Of this record, and of the log segment that it names."""


def next_head(head: Head, commit: Commit, ref: ObjectRef, now: int, export_ms: int) -> Head:
    """The head after a commit; the model goes live at once unless the last did a moment ago."""
    due = now >= head.publish_at
    return replace(
        head,
        generation=commit.generation,
        commit_id=commit.commit_id,
        commit=ref,
        latest=commit.model,
        live=commit.model if due else head.live,
        publish_at=now + export_ms if due else head.publish_at,
        trained=head.trained + commit.trained,
        kept=forgetting.spanning(head.kept, commit.days),
    )
