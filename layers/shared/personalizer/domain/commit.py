"""One step of a loop's learning, as it is kept for ever: what was trained, with what, on what."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Literal

from personalizer.domain import forgetting
from personalizer.domain.agreement import Agreement
from personalizer.domain.days import Day
from personalizer.domain.dedupe import Position
from personalizer.domain.health import Health
from personalizer.domain.loop import Head, ModelRef, ObjectRef
from personalizer.domain.replay import NO_REPLAY, Replay


class Source(StrEnum):
    """Where a commit's model is from."""

    LEARNED = "learned"
    """The lines made it of the base."""
    IMPORTED = "imported"
    """Elsewhere: nothing makes it again."""
    RESTORED = "restored"
    """It is the base, byte for byte: the loop was rolled back to it."""


@dataclass(frozen=True, slots=True)
class Commit:
    """A link of the chain that starts at a loop's head and ends at its first model.

    Learning the lines of `log` on top of `base`, with `arguments` and `cost_offset`, gives the same
    model, byte for byte. A model without a base first learned again the `relearned` lines that come
    before them in the log; beside each came again what `replay` drew, from as far back as the
    `recalled` lines before all of these. Models of other sources learned nothing. Lines that are to
    be skipped count, and teach nothing: where there are no others, the model is its base.
    `narrowed`: wide contexts have cost the policy its cubic terms. `first_line` counts the lines of
    all segments before this one, so that a line keeps its number whatever the batches were. Of the
    dedupe window, `horizon` is the lower end and `seen` maps a segment to the object with its
    fingerprints; `positions` tells how far each shard was read. `apprentice` adds up all of the
    loop's time in that mode, whatever became of its models; `health` tells of the decisions since
    this model began. `days` are those of the log that is kept, this commit's included.
    `imported_lines`: the segment holds decisions that were not made here.
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
    narrowed: bool = False
    horizon: int = 0
    seen: Mapping[int, ObjectRef] = field(default_factory=dict)
    positions: Mapping[str, Position] = field(default_factory=dict)
    apprentice: Agreement = field(default_factory=Agreement)
    health: Health = field(default_factory=Health)
    source: Source = Source.LEARNED
    days: tuple[Day, ...] = ()
    imported_lines: bool = False
    replay: Replay = NO_REPLAY
    recalled: int = 0
    format: Literal[1] = 1
    """Of this record, and of the log segment that it names."""

    @property
    def learns_from(self) -> int:
        """The number of the first line that it takes to make the model from its base."""
        return self.first_line - self.relearned - self.recalled


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
        first_model_at=head.first_model_at or commit.model.made_at,
        kept=forgetting.spanning(head.kept, commit.days),
    )
