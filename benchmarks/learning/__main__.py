"""The learning study: `make study` runs it and writes docs/learning.md and its pictures.

It goes on where it stopped, if the code is the same. `--draw` runs nothing and draws what is kept.
"""

from argparse import ArgumentParser
from pathlib import Path

from benchmarks.learning import pictures, results
from benchmarks.learning.page import Page
from benchmarks.learning.questions import CHANGES, SEEDS, TABLES, VISITS

DOCS = Path(__file__).parents[2] / "docs"


def main() -> None:
    parser = ArgumentParser(prog="python -m benchmarks.learning", description=__doc__)
    parser.add_argument("--draw", action="store_true", help="run nothing, draw what is kept")
    parser.add_argument("--seeds", type=int, default=len(SEEDS))
    parser.add_argument("--visits", type=int, default=VISITS)
    chosen = parser.parse_args()
    seeds, visits = range(chosen.seeds), chosen.visits
    found = results.kept() if chosen.draw else results.continued()
    for question in () if chosen.draw else (*TABLES, CHANGES):
        print(question.title, "...", flush=True)
        found.add(question.runs(seeds, visits), results.FILE)
    Page(found, seeds, visits).write(DOCS / "learning.md")
    pictures.draw(found, seeds, visits, DOCS / "learning")


if __name__ == "__main__":
    main()
