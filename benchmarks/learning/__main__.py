"""The learning study: `python -m benchmarks.learning`, or with `--quick` in under a minute."""

from argparse import ArgumentParser
from concurrent.futures import ProcessPoolExecutor

from benchmarks.learning.questions import policies, replays, rewards
from benchmarks.learning.study import FIRST, answer, markdown

ROUNDS = 2000
WORKERS = 2


def main() -> None:
    parser = ArgumentParser(prog="python -m benchmarks.learning", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one table, first events, 3 seeds")
    quick = parser.parse_args().quick
    seeds, rounds = (3, FIRST) if quick else (5, ROUNDS)
    questions = [policies()] if quick else [policies(), rewards(), replays()]
    print(f"Share of right choices among the first {FIRST} / among all of at most {rounds} events.")
    print(f"{seeds} seeds, 95 % t-intervals. Luck gives .100 on digits and .143 on segments.\n")
    with ProcessPoolExecutor(WORKERS) as pool:
        for question in questions:
            cells = answer(question, seeds, rounds, pool)
            print(*markdown(question, cells), "", sep="\n", flush=True)


if __name__ == "__main__":
    main()
