"""What the simulation came to: a table, and a picture."""

from collections.abc import Mapping, Sequence
from itertools import accumulate
from pathlib import Path

from rich.table import Table

from cli.worlds import World

WINDOW = 500
SMOOTHING = 100


def table(rewards: Mapping[str, Sequence[float]], worlds: Mapping[str, World]) -> Table:
    found = Table("data set", "random", f"first {WINDOW}", f"last {WINDOW}", "last / random")
    for name, earned in rewards.items():
        chance = 1 / len(worlds[name].actions)
        first, last = mean(earned[:WINDOW]), mean(earned[-WINDOW:])
        found.add_row(name, *(f"{x:.3f}" for x in (chance, first, last)), f"{last / chance:.1f}")
    return found


def plot(rewards: Mapping[str, Sequence[float]], worlds: Mapping[str, World], path: Path) -> None:
    """A moving average of the reward for each data set, and what random choices would earn."""
    import matplotlib as mpl

    mpl.use("agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(8, 4.5), layout="constrained")
    for name, earned in rewards.items():
        curve = axes.plot(moving_average(earned), label=name)[0]
        chance = 1 / len(worlds[name].actions)
        axes.axhline(chance, color=curve.get_color(), linestyle=":", label=f"{name}, random")
    axes.set(
        title="The loop learns",
        xlabel="decisions",
        ylabel=f"average reward of the last {SMOOTHING}",
        ylim=(0, 1),
    )
    axes.legend(loc="upper left")
    axes.grid(alpha=0.3)
    figure.savefig(path, dpi=120)
    pyplot.close(figure)


def mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def moving_average(values: Sequence[float]) -> list[float]:
    """Of up to SMOOTHING values before each."""
    total = [0.0, *accumulate(values)]
    return [
        (total[end] - total[max(0, end - SMOOTHING)]) / min(end, SMOOTHING)
        for end in range(1, len(total))
    ]
