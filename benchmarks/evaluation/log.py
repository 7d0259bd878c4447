"""A log to evaluate policies on: as many ten-action events as wanted, from a seed."""

from collections.abc import Iterator, Sequence
from itertools import batched
from pathlib import Path

from benchmarks.events import joined
from benchmarks.requests import SMALL
from personalizer import dsjson, payload
from personalizer.usecases.evaluation import parts
from personalizer.usecases.evaluation.parts import Part, Run

PART_LINES = 20_000


def lines(count: int) -> Iterator[bytes]:
    for event in joined(SMALL, count):
        yield dsjson.line(event, payload.unpack(event.payload))


def write_parts(folder: Path, logged: Sequence[bytes]) -> None:
    """As an evaluation has gathered them."""
    first = 0
    for number, batch in enumerate(batched(logged, PART_LINES, strict=False)):
        (folder / f"part-{number:06d}").write_bytes(parts.encode([Run(first, batch)]))
        first += len(batch)


def read_parts(folder: Path) -> Iterator[Part]:
    for path in sorted(folder.glob("part-*")):
        yield parts.decode(path.read_bytes())
