"""What runs came to, kept in a file, so that a study that stops goes on and its page is redrawn."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from benchmarks.learning.play import Run, play

HERE = Path(__file__).parents[2]
FILE = HERE / ".local" / "learning.json"
CODE = ("layers/shared/personalizer", "benchmarks/learning")
WORKERS = 2
TOGETHER = 20
"""Runs between two times that the file is written."""
SIGNS = {1.0: "1", 0.0: "0", -1.0: "-"}

type Rewards = Sequence[float]


class Results:
    """By what was run. `code` says what ran it: what other code made counts for drawing alone."""

    def __init__(self, code: str, runs: dict[str, str]) -> None:
        self.code = code
        self._runs = runs

    def __getitem__(self, run: Run) -> Rewards:
        values = {sign: value for value, sign in SIGNS.items()}
        return [values[sign] for sign in self._runs[run.key]]

    def __contains__(self, run: Run) -> bool:
        return run.key in self._runs

    def add(self, runs: Iterable[Run], file: Path | None = None) -> None:
        """Those that are not there yet."""
        missing = {run.key: run for run in runs if run not in self}
        with ProcessPoolExecutor(WORKERS) as pool:
            found = {pool.submit(play, run): key for key, run in missing.items()}
            for number, done in enumerate(as_completed(found), 1):
                self._runs[found[done]] = "".join(SIGNS[value] for value in done.result())
                if file is not None and (number % TOGETHER == 0 or number == len(found)):
                    self._write(file)

    def _write(self, file: Path) -> None:
        file.parent.mkdir(exist_ok=True)
        file.write_text(json.dumps({"code": self.code, "runs": self._runs}))


def kept(file: Path = FILE) -> Results:
    """What was written last, by whatever code."""
    found = json.loads(file.read_text())
    return Results(found["code"], found["runs"])


def continued(file: Path = FILE) -> Results:
    """What this very code has written so far."""
    code = _code()
    found = kept(file) if file.exists() else Results("", {})
    return found if found.code == code else Results(code, {})


def _code() -> str:
    sources = (path for folder in CODE for path in sorted((HERE / folder).rglob("*.py")))
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()
