"""`python -m tests.soak --seconds 600`: needs the local stack (`make up`)."""

import os
import time
from typing import Annotated

import typer

from cli.account import Account
from cli.local import emulator, environment, stack
from cli.local.loop import Loop, new
from cli.steps import console, problems_explained, step
from tests.soak import checks
from tests.soak.nemesis import Nemesis
from tests.soak.traffic import WAIT_S, Traffic

LOOPS = {
    "settles-early": (),
    "sums": ("--aggregation", "sum"),
    "learns-late": ("--learn-after-wait",),
}
SHORT = ("--reward-wait-seconds", str(WAIT_S), "--model-export-seconds", "1")


def soak(
    seconds: Annotated[int, typer.Option(min=10)] = 600,
    seed: Annotated[int, typer.Option()] = 1,
) -> None:
    """Send traffic while workers are killed; fail unless every decision is where it should be."""
    with problems_explained():
        living = emulator.found()
        os.environ |= environment.of_the_clients(living.port)
        account = Account(stack.settings(stack.outputs(living.port)))
        loops = [new(name, *SHORT, *options) for name, options in LOOPS.items()]
        traffic = [Traffic(loop.client, loop.name, seed + n) for n, loop in enumerate(loops)]
        nemesis = Nemesis(living.pid, seed)
        with step(f"{seconds} seconds of traffic while workers are killed"):
            _run([*traffic, nemesis], seconds)
        console.print(f"Killed: {dict(nemesis.killed)}")
        for loop, told in zip(loops, traffic, strict=True):
            _check(account, loop, told)


def _run(threads: list[Traffic | Nemesis], seconds: int) -> None:
    for thread in threads:
        thread.start()
    time.sleep(seconds)
    for thread in reversed(threads):  # the nemesis first, so that all can come to rest
        thread.stop()
        thread.join()


def _check(account: Account, loop: Loop, told: Traffic) -> None:
    with step(f"{loop.name}: every decision is where it should be"):
        balance = checks.at_rest(account, loop.name)
        learned = checks.learned_as_told(account, loop.name, told.memory)
        batches = checks.equals_a_straight_pass(account, loop.name)
    console.print(
        f"  {len(balance.ranked)} ranked, {learned} learned in {batches} batches as in one,"
        f" {len(balance.pending)} never shown, {told.memory.retries} calls repeated,"
        f" {len(told.memory.late)} too late to tell"
    )


if __name__ == "__main__":
    typer.run(soak)
