"""A table of a page."""

import html
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    cells: Sequence[str]
    kind: str = ""
    """Classes of page.css."""


def table(columns: Sequence[str], rows: Iterable[Row], texts: int = 1) -> str:
    """The first `texts` columns hold words, all others numbers."""
    head = _row("th", columns, texts)
    body = "".join(_row("td", row.cells, texts, row.kind) for row in rows)
    return f'<div class="scrolled"><table><thead>{head}</thead><tbody>{body}</tbody></table></div>'


def _row(tag: str, cells: Sequence[str], texts: int, kind: str = "") -> str:
    opened = f'<tr class="{kind}">' if kind else "<tr>"
    return opened + "".join(_cells(tag, cells, texts)) + "</tr>"


def _cells(tag: str, cells: Sequence[str], texts: int) -> Iterator[str]:
    for at, cell in enumerate(cells):
        kind = ' class="text"' if at < texts else ""
        yield f"<{tag}{kind}>{html.escape(cell)}</{tag}>"
