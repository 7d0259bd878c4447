"""`python -m cli logs`: take a loop's log out, bring one in, or forget it."""

import gzip
from collections.abc import Iterable
from datetime import UTC, datetime
from io import BufferedWriter
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track

from cli.account import Account, faults_explained
from cli.reading import Reading, files
from cli.steps import console, problems_explained
from personalizer import bootstrap
from personalizer.adapters.vw import VwEngine
from personalizer.bootstrap.threads import at_once
from personalizer.usecases.evaluation.leftovers import Leftovers
from personalizer.usecases.forget import Forget
from personalizer.usecases.importing import Import, Imported
from personalizer.usecases.logs import Logs, Range

app = typer.Typer(
    help="Take a loop's log out, bring one in, or forget it. Reads the stack's outputs"
    " (LOOPS_TABLE, DATA_BUCKET and so on) from the environment.",
    no_args_is_help=True,
)

Loop = Annotated[str, typer.Option(help="The loop's name.")]


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
    logs, within = Logs(account.loops, account.objects), Range(moment(since), moment(until))
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
        for part in call(loop, reading.lines(files(paths), "Importing")):
            done += part
    engine.close()
    for said in _summary(reading, done):
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
        leftovers = Leftovers(
            account.jobs, account.loops, account.objects, account.runner, bootstrap.now
        )
        forget.everything(loop)
        leftovers.of_deleted_log(loop)
        with console.status("Removing it ..."):
            while not forget.clear(loop):
                pass
    console.print(f"The log of loop {loop} is gone.")


def _summary(reading: Reading, done: Imported) -> Iterable[str]:
    refused = [*reading.refused, *done.refused]
    yield (
        f"{done.learned} learned, {done.known} known already,"
        f" {reading.skipped.total()} skipped, {len(refused)} refused."
    )
    yield from reading.explained(done.refused)


def moment(given: datetime | None) -> int | None:
    return None if given is None else int(given.replace(tzinfo=UTC).timestamp() * 1000)


def _written(path: Path) -> gzip.GzipFile | BufferedWriter:
    return gzip.open(path, "wb") if path.suffix == ".gz" else path.open("wb")
