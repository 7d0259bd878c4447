"""`python -m cli logs`: take a loop's log out, bring one in, or forget it."""

import gzip
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BufferedWriter
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress, track

from cli.account import Account, faults_explained
from cli.steps import console, problems_explained
from personalizer import bootstrap
from personalizer.adapters.vw import VwEngine
from personalizer.bootstrap.background import at_once
from personalizer.domain.foreign import Foreign
from personalizer.errors import LineRefused, LineSkipped
from personalizer.usecases.forget import Forget
from personalizer.usecases.importing import Import, Imported
from personalizer.usecases.logs import Logs, Range
from personalizer.wire import line as wire

app = typer.Typer(
    help="Take a loop's log out, bring one in, or forget it. Reads the stack's outputs"
    " (LOOPS_TABLE, DATA_BUCKET and so on) from the environment.",
    no_args_is_help=True,
)

Loop = Annotated[str, typer.Option(help="The loop's name.")]
SHOWN = 10
NAMES = re.compile(r"/data/\d+/\d+/\d+_\d+\.json(\.gz)?$|\.dsjson(\.gz)?$")
"""Azure's mirrored logs, among what else lay there, and ours."""
_GZIP = b"\x1f\x8b"


@app.command()
def export(
    loop: Loop,
    out: Annotated[Path, typer.Option(help="Where to; compressed if the name ends in .gz.")],
    since: Annotated[
        datetime | None, typer.Option("--from", help="Ranked then or later, in UTC.")
    ] = None,
    until: Annotated[datetime | None, typer.Option("--to", help="Ranked before, in UTC.")] = None,
) -> None:
    """Write the loop's log as dsjson, oldest first: `vw` reads it, and so does `logs import`."""
    account, count = Account(), 0
    logs, within = Logs(account.loops, account.objects), Range(_moment(since), _moment(until))
    with problems_explained(), faults_explained():
        commits = logs.commits(loop, within)
        with _written(out) as file:
            for commit in track(commits, "Exporting", console=Console(stderr=True)):
                for line in logs.lines(commit, within):
                    file.write(line + b"\n")
                    count += 1
    console.print(f"{count} lines in {out}.")


@app.command("import")
def import_(
    loop: Loop,
    paths: Annotated[
        list[Path], typer.Argument(exists=True, help="Files, or folders of Azure's mirrored logs.")
    ],
) -> None:
    """Learn from exported or from Azure's logs, each line once: safe to repeat."""
    account, engine, reading = Account(), VwEngine(), Reading()
    done = Imported()
    with problems_explained(), faults_explained():
        call = Import(
            account.loops,
            account.objects,
            account.audit,
            engine,
            bootstrap.now,
            bootstrap.new_uid,
        )
        for part in call(loop, reading.lines(files(paths))):
            done += part
    engine.close()
    for said in reading.summary(done):
        console.print(said, soft_wrap=True)


@app.command()
def delete(loop: Loop) -> None:
    """Forget the loop's log up to now, and remove it. Its model stays, and learns on."""
    account = Account()
    with problems_explained(), faults_explained():
        forget = Forget(
            account.loops,
            account.objects,
            account.objects,
            account.audit,
            account.quarantine,
            bootstrap.now,
            bootstrap.new_uid,
            at_once,
        )
        forget.everything(loop)
        with console.status("Removing it ..."):
            while not forget.clear(loop):
                pass
    console.print(f"The log of loop {loop} is gone.")


@dataclass
class Reading:
    """Reads files, line by line, and counts what is not for learning."""

    skipped: Counter[str] = field(default_factory=Counter)
    refused: list[tuple[str, str]] = field(default_factory=list)

    def lines(self, found: list[Path]) -> Iterator[Foreign]:
        with Progress(console=Console(stderr=True)) as progress:
            size = sum(path.stat().st_size for path in found)
            task = progress.add_task("Importing", total=size)
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

    def summary(self, done: Imported) -> Iterable[str]:
        refused = [*self.refused, *done.refused]
        yield (
            f"{done.learned} learned, {done.known} known already,"
            f" {self.skipped.total()} skipped, {len(refused)} refused."
        )
        for why, count in self.skipped.most_common():
            yield f"skipped {count}: {why}"
        for place, why in refused[:SHOWN]:
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


def _moment(given: datetime | None) -> int | None:
    return None if given is None else int(given.replace(tzinfo=UTC).timestamp() * 1000)


def _written(path: Path) -> gzip.GzipFile | BufferedWriter:
    return gzip.open(path, "wb") if path.suffix == ".gz" else path.open("wb")
