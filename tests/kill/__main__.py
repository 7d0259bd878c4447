"""`make kill-matrix`: every row, played and checked; fails if one does.

Arguments: none for all rows, `short` for at least one of every kind, or ids: F5 F6.T6.
"""

import shutil
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from cli.local import places
from tests.kill import cluster
from tests.kill.checks import check
from tests.kill.cluster import Cluster
from tests.kill.row import Row, Skipped
from tests.kill.rows import all_rows
from tests.kill.weather import Weather

FOLDER = places.LOCAL / "kill"
"""The logs of the last run."""
HOLDS, FAILS, SKIPPED = "holds", "FAILS", "SKIPPED"


def main(wanted: list[str]) -> int:
    started = time.monotonic()
    with cluster.opened(_emptied(FOLDER)) as running:
        results = Counter(_played(row, running) for row in _chosen(all_rows(), wanted))
    rest = "".join(f", {count} {result}" for result, count in results.items() if result != HOLDS)
    seconds = time.monotonic() - started
    _say(f"{results[HOLDS]} of {results.total()} rows hold{rest}, {seconds:.0f} s")
    return 0 if results[HOLDS] and not results[FAILS] else 1


def _chosen(rows: Iterable[Row], wanted: list[str]) -> list[Row]:
    if wanted == ["short"]:
        return [row for row in rows if row.short]
    return [row for row in rows if not wanted or {row.id, row.id.partition(".")[0]} & {*wanted}]


def _played(row: Row, running: Cluster) -> str:
    started = time.monotonic()
    result, why = _result(row, running)
    running.proxy.traps.lay()
    running.proxy.weather = Weather()
    seconds = time.monotonic() - started
    _say(f"{row.id:6} {row.what:19} {row.where:45} {result:7} {seconds:5.1f} s{why}")
    return result


def _result(row: Row, running: Cluster) -> tuple[str, str]:
    """And why, where it does not hold."""
    try:
        check(row.play(running))
    except Skipped as skipped:
        return SKIPPED, f"  {skipped}"
    except Exception:
        return FAILS, f"\n{traceback.format_exc()}"
    return HOLDS, ""


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - it is what this command is for


def _emptied(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
