"""Policies tried on Vowpal Wabbit, in a process of their own: should VW die, it dies alone.

Reads one policy a line; writes what became of it, one line each.
"""

import math
import sys

from personalizer.adapters.vw import VwEngine
from personalizer.domain import distribution, policy
from tests.contract.lessons import some_lines
from tests.factories import a_request


def main() -> None:
    engine = VwEngine()
    lines = some_lines(engine, 6)
    for arguments in sys.stdin.read().splitlines():
        outcome = _tried(engine, lines, policy.canonical(arguments))
        sys.stdout.write(f"{arguments} | {outcome}\n")
        sys.stdout.flush()
    engine.close()


def _tried(engine: VwEngine, lines: list[bytes], arguments: str) -> str:
    """Taught, saved, loaded, taught more, and asked."""
    first = engine.learn(arguments, None, lines[:4])
    second = engine.learn(arguments, first.model, lines[4:])
    prediction = engine.load(second.model).predict(a_request())
    served = distribution.normalise(prediction.probabilities)
    if any([*first.rejections, *second.rejections]):
        return "refuses lines"
    if sorted(prediction.order) != [0, 1, 2] or not math.isclose(sum(served), 1):
        return f"no distribution: {prediction}"
    return "fine" if all(map(math.isfinite, prediction.probabilities)) else f"ruined: {prediction}"


if __name__ == "__main__":
    main()
