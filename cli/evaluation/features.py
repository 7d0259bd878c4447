"""How much features matter, told in a terminal, on a page and as CSV."""

import csv
import dataclasses
import html
import math
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from cli.evaluation import page, words
from cli.evaluation.export import sheet_safe
from cli.evaluation.figures import FONT, Figure, label
from cli.evaluation.page.table import Row, table
from personalizer import dsjson
from personalizer.domain.evaluation.result import FeatureResult, FeatureScore, Flag, Read

HOW_TO_READ = (
    "Each row tells what the loop's policy would lose per decision, had it learned this log without"
    " the feature, or without all of the namespace where no feature is named. Of the best feature"
    " the score is 100. The interval is for 95 %: where it includes 0, what was found may be noise,"
    " and a row all below 0 does harm. Two features that tell the same cost little one by one:"
    " leave out one of them, and look again, before both go."
)
COLOUR = "#0077BB"
DRAWN = 40
_COLUMNS = ("namespace", "feature", "score", "loss without it", "decisions that have it", "values")


@dataclasses.dataclass(frozen=True, slots=True)
class Features:
    """The fields of the exported JSON."""

    title: str
    end: str
    read: Read
    flags: Sequence[Flag]
    scores: Sequence[FeatureScore]


def tell(result: FeatureResult, title: str) -> Features:
    return Features(title, dsjson.timestamp(result.until), result.read, result.flags, result.scores)


def is_noise(score: FeatureScore) -> bool:
    return score.drop[0] <= 0 <= score.drop[1]


def lines(told: Features) -> Iterator[RenderableType]:
    for flag in told.flags:
        yield Text(f"⚑ {words.flag(flag)}", style="bold red")
    for text in words.about("", told.end, told.read):
        yield Text(text + ".")
    found = Table(*_COLUMNS[:2], box=None, pad_edge=False, header_style="dim")
    for column in (*_COLUMNS[2:], ""):
        found.add_column(column, justify="right")
    for score in told.scores:
        cells = [*map(words.shown, _cells(score)), _judgement(score)]
        found.add_row(*map(Text, cells), style="dim" if is_noise(score) else "")
    yield found


def to_csv(told: Features, path: Path) -> None:
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(
            ("namespace", "feature", "score", "low", "high", "is_noise", "events", "values")
        )
        for each in told.scores:
            names = map(sheet_safe, (each.namespace, each.feature))
            noise = str(is_noise(each)).lower()
            rows.writerow([*names, each.score, *each.drop, noise, each.events, each.values])


def write(told: Features, path: Path) -> None:
    """As a page."""
    about = "; ".join(words.about("", told.end, told.read)) + "."
    pictures = {"figures": {"features": _figure(told.scores[:DRAWN])}, "ways": {}}
    page.write(path, told.title, about, "\n".join(_body(told)), pictures)


def _body(told: Features) -> Iterator[str]:
    yield page.flags(told.flags)
    yield '<h2>What it costs to do without</h2><div class="picture" id="features"></div>'
    rows = (Row(_cells(each), "noise" if is_noise(each) else "") for each in told.scores)
    yield f"<h2>In numbers</h2>{table(_COLUMNS, rows, texts=2)}"
    yield f"<h2>How to read this</h2><p>{html.escape(HOW_TO_READ)}</p>"


def _cells(score: FeatureScore) -> list[str]:
    low, high = score.drop
    loss = f"{low:+.4f} to {high:+.4f}" if math.isfinite(high - low) else "unknown"
    name = score.feature or "(all of it)"
    return [
        score.namespace,
        name,
        f"{score.score:.1f}",
        loss,
        f"{score.events:,}",
        f"{score.values:,}",
    ]


def _judgement(score: FeatureScore) -> str:
    if is_noise(score):
        return "noise?"
    return "harms" if score.drop[1] < 0 else ""


def _figure(scores: Sequence[FeatureScore]) -> Figure:
    finite = [each for each in scores if math.isfinite(each.drop[1] - each.drop[0])]
    axis = {"title": {"text": "reward lost per decision"}, "zeroline": True}
    names = {"autorange": "reversed", "automargin": True, "fixedrange": True, "showgrid": False}
    return {
        "data": [_points(finite, noise=noise) for noise in (False, True)],
        "layout": {
            "height": 110 + 26 * len(finite),
            "margin": {"l": 10, "r": 20, "t": 34, "b": 50},
            "font": FONT,
            "hovermode": "closest",
            "dragmode": "pan",
            "legend": {"orientation": "h", "y": 1, "yanchor": "bottom"},
            "xaxis": axis,
            "yaxis": {**names, "categoryarray": [_name(each) for each in finite]},
        },
    }


def _points(scores: Sequence[FeatureScore], *, noise: bool) -> Figure:
    found = [each for each in scores if is_noise(each) is noise]
    middles = [sum(each.drop) / 2 for each in found]
    halves = [(each.drop[1] - each.drop[0]) / 2 for each in found]
    colour = "#808080" if noise else COLOUR
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "may be noise" if noise else "matters",
        "x": middles,
        "y": [_name(each) for each in found],
        "error_x": {"array": halves, "color": colour, "thickness": 2, "width": 4},
        "marker": {"color": colour, "symbol": "circle-open" if noise else "circle", "size": 9},
        "customdata": [[each.score, *each.drop, each.events, each.values] for each in found],
        "hovertemplate": (
            "%{y}: score %{customdata[0]:.1f}<br>"
            "%{customdata[1]:+.4f} to %{customdata[2]:+.4f} per decision<br>"
            "in %{customdata[3]:,} decisions, %{customdata[4]:,} values<extra></extra>"
        ),
    }


def _name(score: FeatureScore) -> str:
    return label(f"{score.namespace}:{score.feature}" if score.feature else f"{score.namespace}:*")
