"""How a question is answered: play every setting with every seed, and write the table."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from statistics import mean, stdev

from scipy.stats import t as student  # type: ignore[import-untyped]

from benchmarks.learning.loop import Outcome, play
from benchmarks.learning.questions import Question

FIRST = 500


@dataclass(frozen=True, slots=True)
class Cell:
    """Average reward of the first events and of all, with 95 % intervals over the seeds."""

    first: float
    first_margin: float
    whole: float
    whole_margin: float
    milliseconds: float


def answer(question: Question, seeds: int, rounds: int, pool: Executor) -> list[list[Cell]]:
    jobs = [
        (replace(setting, world=world, shape=shape), seed, rounds)
        for _, setting in question.rows
        for world, shape in question.columns()
        for seed in range(seeds)
    ]
    outcomes = pool.map(play, *zip(*jobs, strict=True), chunksize=seeds)
    return [
        [_cell([next(outcomes) for _ in range(seeds)]) for _ in question.columns()]
        for _ in question.rows
    ]


def markdown(question: Question, rows: Sequence[Sequence[Cell]]) -> Iterator[str]:
    columns = [f"{world} {shape}" for world, shape in question.columns()]
    heads = [*question.labels, *columns, "ms to learn"]
    yield f"### {question.title}\n"
    yield f"| {' | '.join(heads)} |"
    yield f"|{'---|' * len(heads)}"
    for (labels, _), cells in zip(question.rows, rows, strict=True):
        cost = f"{mean(cell.milliseconds for cell in cells):.2f}"
        yield f"| {' | '.join([*labels, *map(_shown, cells), cost])} |"


def _cell(outcomes: Sequence[Outcome]) -> Cell:
    first = interval([mean(outcome.right[:FIRST]) for outcome in outcomes])
    whole = interval([mean(outcome.right) for outcome in outcomes])
    return Cell(*first, *whole, 1000 * mean(outcome.seconds for outcome in outcomes))


def interval(values: Sequence[float]) -> tuple[float, float]:
    """The mean, and half the width of its 95 % t-interval."""
    spread = student.ppf(0.975, len(values) - 1) * stdev(values) / len(values) ** 0.5
    return mean(values), float(spread)


def _shown(cell: Cell) -> str:
    def number(value: float) -> str:
        return f"{value:.3f}".removeprefix("0")

    first = f"{number(cell.first)} ±{number(cell.first_margin)}"
    whole = f"{number(cell.whole)} ±{number(cell.whole_margin)}"
    return f"{first} / {whole}"
