"""The study as a page: its tables, and for each data set a picture."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import mean

from benchmarks.learning.intervals import interval
from benchmarks.learning.questions import CHANGES, POLICIES, TABLES, Question, Row
from benchmarks.learning.recovery import recovery
from benchmarks.learning.results import Results, Rewards
from benchmarks.learning.worlds import KEPT, WORLDS

FIRST = 500
BEGIN, END = "<!-- measured: `make study` writes from here -->", "<!-- to here -->"

type Cell = tuple[float, float]


class Page:
    def __init__(self, results: Results, seeds: Sequence[int], visits: int) -> None:
        self._results = results
        self._seeds = seeds
        self._visits = visits

    def write(self, path: Path) -> None:
        """Between its marks; what people wrote around them stays."""
        before, _, rest = path.read_text().partition(BEGIN)
        after = rest.partition(END)[2]
        path.write_text(f"{before}{BEGIN}\n\n{'\n'.join(self._lines())}\n{END}{after}")

    def _lines(self) -> Iterator[str]:
        yield f"{len(self._seeds)} seeds, at most {self._visits:,} visits, 95 % t-intervals.\n"
        for question in TABLES:
            yield from self._table(question, None, "all visits")
            yield from self._table(question, FIRST, f"the first {FIRST} visits")
        yield from self._changes()
        for world in POLICIES.worlds:
            yield from self._world(world)

    def _table(self, question: Question, first: int | None, of: str) -> Iterator[str]:
        chosen = [world for world in question.worlds if world not in KEPT]
        kept = [world for world in question.worlds if world in KEPT]
        heads = [*question.labels, f"average of {len(chosen)}", *chosen, *kept]
        yield f"### {question.title}: {of}\n"
        rows = (
            [
                *row.labels,
                shown(self._average(row, chosen, first)),
                *(shown(self._cell(row, world, first)) for world in [*chosen, *kept]),
            ]
            for row in question.rows
        )
        yield from markdown(heads, rows)

    def _changes(self) -> Iterator[str]:
        yield f"### {CHANGES.title}\n"
        heads = [*CHANGES.labels]
        for world in CHANGES.worlds:
            heads += [f"{world}: earned before", "visits to 4/5 of it", "again", "ratio"]
        yield from markdown(heads, map(self._changed, CHANGES.rows))

    def _changed(self, row: Row) -> list[str]:
        cells = [*row.labels]
        for world in CHANGES.worlds:
            found = [recovery(earned) for earned in self._played(row, world)]
            reached = mean(each.reached for each in found)
            recovered = mean(each.recovered for each in found)
            cells.append(shown(interval([each.level for each in found])))
            cells += [f"{reached:.0f}", f"{recovered:.0f}", f"{recovered / reached:.1f}"]
        return cells

    def _world(self, world: str) -> Iterator[str]:
        made = WORLDS[world](0)
        visits = min(self._visits, len(made.visits))
        yield f"### {world}\n"
        yield f"{len(made.actions)} actions, {visits:,} visits.\n"
        yield f"![reward so far](learning/{world}.svg)\n"
        rows = (
            [*row.labels, *(shown(self._cell(row, world, first)) for first in (FIRST, None))]
            for row in POLICIES.rows
        )
        yield from markdown([*POLICIES.labels, f"first {FIRST}", "all"], rows)

    def _average(self, row: Row, worlds: Sequence[str], first: int | None) -> Cell:
        """Over the worlds, seed by seed."""
        played = [self._played(row, world) for world in worlds]
        return interval([mean(mean(e[:first]) for e in seed) for seed in zip(*played, strict=True)])

    def _cell(self, row: Row, world: str, first: int | None) -> Cell:
        return interval([mean(earned[:first]) for earned in self._played(row, world)])

    def _played(self, row: Row, world: str) -> list[Rewards]:
        return [self._results[run] for run in row.runs(world, self._seeds, self._visits)]


def markdown(heads: Sequence[str], rows: Iterator[list[str]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|{'---|' * len(heads)}"
    for cells in rows:
        yield f"| {' | '.join(cells)} |"
    yield ""


def shown(cell: Cell) -> str:
    value, margin = (f"{number:.3f}".replace("0.", ".", 1) for number in cell)
    return f"{value} ±{margin}"
