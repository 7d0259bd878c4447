"""An evaluation as one page that opens offline: pictures, tables, and how to read them."""

import html
from collections.abc import Iterable, Sequence
from pathlib import Path
from string import Template
from typing import Any

import msgspec

from cli.evaluation import words
from personalizer.domain.evaluation.result import Flag

FOLDER = Path(__file__).parent


def write(path: Path, title: str, about: str, body: str, pictures: Any) -> None:
    """`pictures` has plotly's `figures` by the ids of their places, and their `ways`."""
    from plotly.offline import get_plotlyjs  # 5 MB, which nobody else needs

    template = Template((FOLDER / "page.html").read_text())
    text = template.substitute(
        title=html.escape(title),
        about=html.escape(about),
        css=(FOLDER / "page.css").read_text(),
        js=(FOLDER / "page.js").read_text(),
        plotly=get_plotlyjs(),
        pictures=script_safe(pictures),
        body=body,
    )
    path.write_text(text)


def flags(found: Sequence[Flag]) -> str:
    return f'<ul class="flags">{each("li", map(words.flag, found))}</ul>' if found else ""


def each(tag: str, texts: Iterable[str]) -> str:
    return "".join(f"<{tag}>{html.escape(text)}</{tag}>" for text in texts)


def script_safe(data: Any) -> str:
    """JSON that ends no script element and begins no comment."""
    return msgspec.json.encode(data).decode().replace("<", "\\u003c")
