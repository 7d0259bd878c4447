"""`python -m cli demo`: watch two loops learn."""

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from cli.demo import report
from cli.demo.play import play
from cli.local import loop, places
from cli.steps import console, problems_explained
from cli.worlds import WORLDS, World

PICTURE = places.LOCAL / "demo.png"
# A visitor comes every few milliseconds, so everything else is in a hurry too.
IN_A_HURRY = ("--reward-wait-seconds", "20", "--model-export-seconds", "2")

COLUMNS = (
    TextColumn("{task.description:>9}"),
    BarColumn(),
    MofNCompleteColumn(),
    TextColumn("reward of the last 100: {task.fields[average]:.2f}"),
    TimeRemainingColumn(),
)


def demo(rounds: int = 2000, seed: int = 1) -> None:
    """Play two data sets as bandits against the local stack, and show how the reward grows."""
    with problems_explained():
        worlds = {name: make(seed) for name, make in WORLDS.items()}
        rewards = watch(worlds, rounds, seed)
        console.print(report.table(rewards, worlds))
        report.plot(rewards, worlds, PICTURE)
        console.print(f"Plot: {PICTURE.relative_to(places.ROOT)}")


def watch(worlds: Mapping[str, World], rounds: int, seed: int) -> dict[str, list[float]]:
    """What each decision earned, with a progress bar for each world while they are played."""
    with ExitStack() as opened, Progress(*COLUMNS, console=console) as progress:
        # Loops of their own, new in every run, so that the curves start at nothing.
        loops = {name: loop.new(f"demo-{name}", *IN_A_HURRY) for name in worlds}
        clients = {name: opened.enter_context(made.client) for name, made in loops.items()}
        threads = opened.enter_context(ThreadPoolExecutor())
        running = {
            name: threads.submit(
                _watched, progress, name, play(clients[name], world, rounds, seed), rounds
            )
            for name, world in worlds.items()
        }
        return {name: rewards.result() for name, rewards in running.items()}


def _watched(progress: Progress, name: str, rewards: Iterable[float], rounds: int) -> list[float]:
    earned: list[float] = []
    task = progress.add_task(name, total=rounds, average=0.0)
    for reward in rewards:
        earned.append(reward)
        average = report.mean(earned[-report.SMOOTHING :])
        progress.update(task, advance=1, average=average)
    progress.update(task, total=len(earned))
    return earned
