"""What was found, for a terminal and for files."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from rich.console import Console, RenderableType

from cli.evaluation import export, features, report, table, told
from cli.steps import console
from personalizer.domain.evaluation.result import EvaluationResult, FeatureResult

WIDTH = 160
"""Of what no terminal shows, in characters."""


@dataclass(frozen=True, slots=True)
class Outcome:
    told: object
    lines: Iterable[RenderableType]
    to_html: Callable[[Path], None]
    to_csv: Callable[[Path], None]


def evaluated(result: EvaluationResult, name: str) -> Outcome:
    found = told.tell(result, f"Offline evaluation of {name}")
    to_html, to_csv = partial(report.write, found), partial(export.to_csv, found)
    return Outcome(found, table.lines(found), to_html, to_csv)


def scored(result: FeatureResult, name: str) -> Outcome:
    found = features.tell(result, f"Features of {name}")
    return Outcome(
        found,
        features.lines(found),
        partial(features.write, found),
        partial(features.to_csv, found),
    )


def tell(outcome: Outcome, out: Path | None) -> None:
    """`out` is a folder for the files, which is made if it is not there."""
    wide = console if console.is_terminal else Console(highlight=False, width=WIDTH)
    for line in outcome.lines:
        wide.print(line)
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        outcome.to_html(out / "report.html")
        outcome.to_csv(out / "report.csv")
        export.to_json(outcome.told, out / "report.json")
        console.print(f"report.html, report.csv and report.json are in {out}.", soft_wrap=True)
