"""What catches a mutant: the simulation if it can, else the tests of the part that has the bug."""

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.mutants.mutant import Mutant, planted

PATIENCE_S = 300
_FAILED_HISTORY = re.compile(r"^failed: (.+)$", re.MULTILINE)
_FAILED_TEST = re.compile(r"^FAILED \S+::(\S+)", re.MULTILINE)


def hunt(mutant: Mutant, histories: int, workers: int) -> str | None:
    """What noticed the bug; None if nothing did."""
    with planted(mutant) as folder:
        if mutant.tests:
            return _by_tests(folder, *mutant.tests)
        return _by_simulation(folder, histories, workers) or _by_tests(folder, "tests/unit")


def _by_simulation(folder: Path, histories: int, workers: int) -> str | None:
    options = ("--histories", str(histories), "--shrinking", "0", "--workers", str(workers))
    printed = _run(folder, "tests.simulation", "--give-up", *options)
    found = _FAILED_HISTORY.search(printed)
    return f"simulation, {found[1]}" if found else None


def _by_tests(folder: Path, *tests: str) -> str | None:
    printed = _run(folder, "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests)
    found = _FAILED_TEST.search(printed)
    return found[1] if found else None


def _run(folder: Path, module: str, *arguments: str) -> str:
    """What a module of ours prints where the package is the copy with the bug."""
    # Without their compiled forms, which are told apart by the second: an edit may be as fast.
    environment = os.environ | {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        env=environment,
        text=True,
        capture_output=True,
        timeout=PATIENCE_S,
    )
    return done.stdout + done.stderr
