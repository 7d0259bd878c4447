"""What a visit was worth on average so far, as visits came, in a picture for each data set."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.learning.intervals import interval
from benchmarks.learning.questions import POLICIES, Row
from benchmarks.learning.results import Results

DRAWN = ("product", "Azure's default", "regcbopt", "greedy", "own LinUCB", "told every answer")
POINTS = 60
COLOURS = ("#0b6e4f", "#c1292e", "#f18f01", "#7a7a7a", "#2e86ab", "#111111")


def draw(results: Results, seeds: Sequence[int], visits: int, folder: Path) -> None:
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams.update({"svg.hashsalt": "learning", "svg.fonttype": "none"})
    folder.mkdir(exist_ok=True)
    rows = {row.contender.name: row for row in POLICIES.rows}
    for world in POLICIES.worlds:
        _draw([rows[name] for name in DRAWN], results, world, seeds, visits, folder)


def _draw(
    rows: Sequence[Row],
    results: Results,
    world: str,
    seeds: Sequence[int],
    visits: int,
    folder: Path,
) -> None:
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(7, 4))
    for row, colour in zip(rows, COLOURS, strict=True):
        curves = [_so_far(results[run]) for run in row.runs(world, seeds, visits)]
        at = np.unique(np.linspace(10, len(curves[0]), POINTS).astype(int))
        means, margins = np.array([interval([c[n - 1] for c in curves]) for n in at]).T
        axes.plot(at, means, color=colour, label=row.contender.name)
        axes.fill_between(at, means - margins, means + margins, color=colour, alpha=0.15, lw=0)
    axes.set(xlabel="visits", ylabel="average reward so far", title=world, ylim=(0, 1))
    axes.legend(loc="lower right", fontsize="small")
    figure.savefig(folder / f"{world}.svg", metadata={"Date": None}, bbox_inches="tight")
    plt.close(figure)


def _so_far(earned: Sequence[float]) -> Sequence[float]:
    so_far: Sequence[float] = (np.cumsum(earned) / np.arange(1, len(earned) + 1)).tolist()
    return so_far
