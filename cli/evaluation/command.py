"""`python -m cli evaluate`: what would other policies have earned?"""

import os
from contextlib import ExitStack, closing
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from cli.account import Account, faults_explained
from cli.evaluation import given, outcome, run, subject
from cli.evaluation.folder import Folder
from cli.evaluation.run import Bench
from cli.evaluation.subject import Subject
from cli.logs import moment
from cli.reading import Reading, files
from cli.steps import Problem, console, problems_explained
from personalizer.adapters.ahead import Ahead
from personalizer.adapters.vw import VwEngine
from personalizer.bootstrap.threads import at_once
from personalizer.domain.evaluation.job import Named
from personalizer.errors import ModelRefused
from personalizer.ports import Engine
from personalizer.usecases.evaluation.jobs import Wanted
from personalizer.wire.version import LATEST


def evaluate(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(exists=True, help="dsjson files, or folders of Azure's mirrored logs."),
    ] = None,
    loop: Annotated[
        str | None, typer.Option(help="A deployed loop instead; it is only looked at.")
    ] = None,
    policy: Annotated[
        list[str] | None, typer.Option(help=f"{given.A_POLICY}; up to ten of them.")
    ] = None,
    model: Annotated[
        list[str] | None,
        typer.Option(help="NAME=FILE: a model from elsewhere, evaluated as it is."),
    ] = None,
    optimise: Annotated[bool, typer.Option(help="Look for better policies too.")] = False,
    minutes: Annotated[
        float, typer.Option(min=0.1, help="How long to look for better policies.")
    ] = 30.0,
    features: Annotated[
        bool, typer.Option(help="Say instead how much the policy needs each feature.")
    ] = False,
    since: Annotated[
        datetime | None, typer.Option("--from", help="Ranked then or later, in UTC.")
    ] = None,
    until: Annotated[datetime | None, typer.Option("--to", help="Ranked before, in UTC.")] = None,
    current: Annotated[
        str, typer.Option(help="The present policy of files: a preset, a file or arguments.")
    ] = "default",
    exploration: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="The share of random choices; the loop's, or 0.05."),
    ] = None,
    processes: Annotated[
        int, typer.Option("--workers", min=1, help="On so many cores.")
    ] = os.process_cpu_count() or 1,
    out: Annotated[
        Path | None,
        typer.Option(help="A folder for report.html, report.json and report.csv."),
    ] = None,
) -> None:
    """Say what other policies would have earned, from a loop's log or from files.

    Always compared: what was served, the first action, and random choice. Files are evaluated as
    the log of a loop with the policy --current. Nothing is changed: `policies set` makes the loop
    learn by another policy.
    """
    with problems_explained(), faults_explained(), ExitStack() as opened:
        if (loop is None) == (not paths):
            raise Problem("Which log is it? Name files, or a loop with --loop.")
        place = Path(opened.enter_context(TemporaryDirectory(prefix="evaluation-")))
        engine = opened.enter_context(closing(VwEngine()))
        policies = [*map(given.named, policy or [])]
        if loop:
            found = _copy(loop, Folder(place))
        else:
            found = _of_files(paths or [], current, Folder(place), engine)
        if exploration is not None:
            found.explore(exploration)
        for name, data in map(given.model, model or []):
            policies.append(_with_model(found, name, data, engine))
        bench = Bench(found, place, engine, processes, minutes * 60 * processes)
        wanted = Wanted(
            id="cli",
            name=f"loop {loop}" if loop else ", ".join(path.name for path in paths or []),
            start=moment(since) or 0,
            end=moment(until) or found.clock(),
            version=LATEST,
            policies=tuple(policies),
            optimise=optimise,
        )
        if features:
            outcome.tell(outcome.scored(run.features(bench, wanted), wanted.name), out)
        else:
            outcome.tell(outcome.evaluated(run.evaluation(bench, wanted), wanted.name), out)


def _copy(loop: str, folder: Folder) -> Subject:
    account = Account()
    objects = Ahead(account.objects, account.objects, at_once)
    return subject.copy(loop, account.loops, objects, folder)


def _with_model(found: Subject, name: str, data: bytes, engine: Engine) -> Named:
    try:
        return subject.with_model(found, name, data, engine)
    except ModelRefused as error:
        raise Problem(f"Model {name} is refused: {error}.") from error


def _of_files(paths: list[Path], current: str, folder: Folder, engine: Engine) -> Subject:
    reading, policy = Reading(), given.policy(current)
    lines = reading.lines(files(paths), "Reading")
    found = subject.of_files(lines, policy, given.settings(current), engine, folder)
    read = found.state.head.trained
    for text in (
        f"{read} lines read, {found.repeated} repeated, {reading.skipped.total()} skipped,"
        f" {len(reading.refused) + len(found.refused)} refused.",
        *reading.explained(found.refused),
    ):
        console.print(text, soft_wrap=True, markup=False)
    return found
