"""What it costs to evaluate a policy: `python -m benchmarks.evaluation.speed`.

Measured: progressive validation of one policy over 100,000 ten-action events, whole: unpacking the
log, learning with an opinion of every event before it, and all the sums; this process's CPU seconds
and its children's. Reference: VW's own driver learning the same lines of one file with the same
arguments, in a process of its own. Nothing is learned again here, neither there. The figure is our
default policy's; the others explore otherwise.

And how much sooner two processors are done than one, with several policies.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from statistics import mean

from benchmarks.evaluation import log
from benchmarks.figure import Figure
from benchmarks.trainer import cpu
from cli.evaluation import workers
from personalizer import bootstrap
from personalizer.adapters.vw import VwEngine, words
from personalizer.domain.health import Range
from personalizer.domain.loop import DEFAULT_POLICY
from personalizer.domain.policy.presets import PRESETS
from personalizer.domain.replay import NO_REPLAY
from personalizer.usecases.evaluation.progressive import Pursue, Pursued
from personalizer.usecases.evaluation.study import Study
from personalizer.usecases.evaluation.terms import Terms
from personalizer.usecases.lessons import lessons

EVENTS, FEWER = 100_000, 20_000
TERMS = Terms(1.0, NO_REPLAY, 0.05, Range(0.0, 1.0), 0, 2**62)
DRIVER = "import pylibvw, sys; pylibvw.vw(sys.argv[1:]).run_parser()"
POLICIES = {
    "evaluation_cpu_ratio": (DEFAULT_POLICY, "<=1.3"),
    "evaluation_cpu_ratio_greedy": (PRESETS["greedy"].arguments, "-"),
    "evaluation_cpu_ratio_squarecb": (PRESETS["squarecb"].arguments, "-"),
}
STUDIES = 4


def figures() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as name:
        logged, folder = [*log.lines(EVENTS)], Path(name)
        log.write_parts(folder, logged)
        for figure, (policy, goal) in POLICIES.items():
            yield Figure(figure, _ratio(folder, logged, policy), goal)
    with tempfile.TemporaryDirectory() as name:
        log.write_parts(Path(name), logged[:FEWER])
        yield Figure("evaluation_two_cores", _seconds(name, 1) / _seconds(name, 2), ">=1.5")


def _ratio(folder: Path, logged: Sequence[bytes], policy: str) -> float:
    """The reference is taken before and after: machines have their moods."""
    taught = folder / "taught.dsjson"
    course = TERMS.course(policy)
    taught.write_bytes(b"".join(each.line + b"\n" for each in lessons(course, logged, 0)))
    before = cpu(lambda: _drive(taught, policy))
    ours = cpu(lambda: _evaluate(folder, policy))
    return ours / mean([before, cpu(lambda: _drive(taught, policy))])


def _evaluate(folder: Path, policy: str) -> None:
    """Its learners count once they have ended."""
    engine = VwEngine()
    pursue(engine, folder, Study("measured", policy, EVENTS))
    engine.close()


def _drive(taught: Path, policy: str) -> None:
    driver = [sys.executable, "-c", DRIVER, "--quiet", "--dsjson", "-d", str(taught)]
    subprocess.run([*driver, *words.to_start(policy)], check=True)


def _seconds(folder: str, processes: int) -> float:
    """On the clock, from the first process on."""
    started = time.perf_counter()
    with workers.executor(processes) as pool:
        assert all(pool.map(partial(one_of_several, folder), range(STUDIES)))
    return time.perf_counter() - started


def one_of_several(folder: str, number: int) -> bool:
    engine = VwEngine()
    pursued = pursue(engine, Path(folder), Study(f"{number}", DEFAULT_POLICY, EVENTS))
    engine.close()
    return len(pursued.weights) == FEWER


def pursue(engine: VwEngine, folder: Path, study: Study) -> Pursued:
    pursue = Pursue(engine, bootstrap.now)
    return pursue(study, TERMS, log.read_parts(folder), Pursued(), lambda: True)


if __name__ == "__main__":
    for each in figures():
        print(each, flush=True)
