"""An evaluation in files, for other programs: docs/evaluation-cli.md tells what is in them."""

import csv
import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from cli.evaluation.numbers import Numbers
from cli.evaluation.told import Evaluation, Policy

COLUMNS = (
    *("policy", "source", "series", "start", "end"),
    *(field.name for field in dataclasses.fields(Numbers)),
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def to_json(told: object, path: Path) -> None:
    path.write_bytes(msgspec.json.format(msgspec.json.encode(told), indent=2) + b"\n")


def to_csv(told: Evaluation, path: Path) -> None:
    """A row for each policy and window."""
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(COLUMNS)
        for policy in told.policies:
            rows.writerows(_rows(policy, told))


def sheet_safe(text: str) -> str:
    """What a spreadsheet takes for a text, and not for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _rows(policy: Policy, told: Evaluation) -> Iterator[list[Any]]:
    def row(series: str, start: str, end: str, numbers: Numbers) -> list[Any]:
        name = sheet_safe(policy.name)
        return [name, policy.source.value, series, start, end, *dataclasses.astuple(numbers)]

    yield row("total", told.start, told.end, policy.total)
    if policy.held_out:
        yield row("held_out", "", told.end, policy.held_out)
    for series in ("expanding", "rolling"):
        for window in getattr(policy, series):
            yield row(series, window.start, window.end, window.numbers)
