"""`python -m tests.mutants`: plant protocol bugs, one by one, and show what catches each."""

import argparse
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from tests.mutants.every import MUTANTS
from tests.mutants.hunt import hunt

AT_ONCE = 2


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants")
    parser.add_argument("--histories", type=int, default=1000, help="at most, for each mutant")
    parser.add_argument("--only", default="", help="those whose name has this in it")
    arguments = parser.parse_args()
    started, escaped = time.monotonic(), 0
    chosen = [mutant for mutant in MUTANTS if arguments.only in mutant.name]
    with ThreadPoolExecutor(AT_ONCE) as hunters:
        caught = hunters.map(lambda mutant: hunt(mutant, arguments.histories, workers=1), chosen)
        _say(f"{'mutant':<62}caught by")
        for mutant, by in zip(chosen, caught, strict=True):
            escaped += by is None
            _say(f"{mutant.name:<62}{by or 'NOTHING'}")
    seconds = time.monotonic() - started
    _say(f"{len(chosen)} mutants, {len(chosen) - escaped} caught: {seconds:.0f} s")
    return 1 if escaped else 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
