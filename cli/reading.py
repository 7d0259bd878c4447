"""Reading logs from files: ours, or what Azure mirrored."""

import gzip
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from personalizer.domain.foreign import Foreign
from personalizer.errors import LineRefused, LineSkipped
from personalizer.wire import line as wire

SHOWN = 10
NAMES = re.compile(r"/data/\d+/\d+/\d+_\d+\.json(\.gz)?$|\.dsjson(\.gz)?$")
"""Azure's mirrored logs, among what else lay there, and ours."""
_GZIP = b"\x1f\x8b"


@dataclass
class Reading:
    """Reads files, line by line, and counts what is not for learning."""

    skipped: Counter[str] = field(default_factory=Counter)
    refused: list[tuple[str, str]] = field(default_factory=list)

    def lines(self, found: list[Path], doing: str) -> Iterator[Foreign]:
        with Progress(console=Console(stderr=True)) as progress:
            size = sum(path.stat().st_size for path in found)
            task = progress.add_task(doing, total=size)
            for path in found:
                with path.open("rb") as raw:
                    is_packed = raw.read(len(_GZIP)) == _GZIP
                    raw.seek(0)
                    watched = progress.wrap_file(raw, total=size, task_id=task)
                    with gzip.open(watched) if is_packed else watched as lines:
                        yield from self._of_file(path, lines)

    def _of_file(self, path: Path, lines: Iterable[bytes]) -> Iterator[Foreign]:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            place = f"{path}:{number}"
            try:
                yield wire.read(line, place)
            except LineSkipped as reason:
                self.skipped[str(reason)] += 1
            except LineRefused as reason:
                self.refused.append((place, str(reason)))

    def explained(self, others: Sequence[tuple[str, str]] = ()) -> Iterable[str]:
        """Why lines were skipped or refused; `others` were refused later."""
        for why, count in self.skipped.most_common():
            yield f"skipped {count}: {why}"
        for place, why in [*self.refused, *others][:SHOWN]:
            yield f"refused {place}: {why}"


def files(paths: Iterable[Path]) -> list[Path]:
    """Each file as it is given, and of folders the logs in them, in the order of their names: that
    is how time passed."""
    found: list[Path] = []
    for path in paths:
        inside = (each for each in path.rglob("*") if each.is_file())
        logs = [each for each in inside if NAMES.search(each.as_posix())]
        found += sorted(logs) if path.is_dir() else [path]
    return found
