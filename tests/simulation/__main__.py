"""`python -m tests.simulation`: many histories, and a table of what happened in them.

`--seed` runs one history again, the very same.
"""

import argparse
import sys
import time
import traceback
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor

from tests.simulation.census import Census
from tests.simulation.seeded import STEPS, History

CHUNK = 25
AGAIN = "python -m tests.simulation --seed"


def main() -> int:
    arguments = _arguments()
    if arguments.seed is not None:
        History(arguments.seed).run()
        return 0
    census, failed = _seeded(arguments)
    if not failed:
        census.add(_searched(arguments.shrinking))
    _say_all(census.table())
    missing = census.missing() if arguments.all_kinds else set()
    _say_all(f"never happened: {kind}" for kind in sorted(missing))
    return 1 if failed or missing else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    parser.add_argument("--histories", type=int, default=1000, help="by the seeded scheduler")
    parser.add_argument("--shrinking", type=int, default=200, help="by Hypothesis")
    parser.add_argument("--first", type=int, default=0, help="the first history's seed")
    parser.add_argument("--seed", type=int, help="run this one history only")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--give-up", action="store_true", help="stop at the first that fails")
    parser.add_argument("--all-kinds", action="store_true", help="fail unless each fault happened")
    return parser.parse_args()


def _seeded(arguments: argparse.Namespace) -> tuple[Census, int]:
    """What happened, and how many histories failed."""
    started, census, failed, done = time.monotonic(), Census(), 0, 0
    last = arguments.first + arguments.histories
    chunks = [range(at, min(at + CHUNK, last)) for at in range(arguments.first, last, CHUNK)]
    with ProcessPoolExecutor(arguments.workers) as workers:
        for found, failures, histories in workers.map(_some, chunks):
            census.add(found)
            failed, done = failed + len(failures), done + histories
            _say_all(failures[:1] if arguments.give_up else failures)
            if failures and arguments.give_up:
                workers.shutdown(cancel_futures=True)
                break
    _say(
        f"{done:,} histories of {STEPS} steps: {time.monotonic() - started:.0f} s, {failed} failed"
    )
    return census, failed


def _some(seeds: Iterable[int]) -> tuple[Census, list[str], int]:
    """What happened, what failed, and how many histories that was."""
    census, failures, done = Census(), list[str](), 0
    for seed in seeds:
        history, done = History(seed), done + 1
        try:
            history.run()
        except Exception as fault:
            told = f"failed: seed {seed}: {_innermost(fault)}"
            failures.append(f"{traceback.format_exc()}{told}\nagain: {AGAIN} {seed}")
        census.add(history.world.services.census)
    return census, failures, done


def _innermost(fault: Exception) -> str:
    while isinstance(fault, ExceptionGroup):
        fault = fault.exceptions[0]
    said = str(fault).partition("\n")[0]
    return said or type(fault).__name__


def _searched(count: int) -> Census:
    if not count:
        return Census()
    from tests.simulation.machine import Machine, search  # not for mutants: it is slow to import

    started = time.monotonic()
    search(count)
    _say(f"{count:,} histories that shrink: {time.monotonic() - started:.0f} s, 0 failed")
    return Machine.census


def _say_all(lines: Iterable[str]) -> None:
    for line in lines:
        _say(line)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
