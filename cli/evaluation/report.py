"""The page of an evaluation."""

import html
from collections.abc import Collection, Iterator
from pathlib import Path

from cli.evaluation import figures, page, words
from cli.evaluation.page.table import Row, table
from cli.evaluation.told import Evaluation, Policy
from cli.evaluation.words import number

_COLUMNS = (
    *("policy", "which is", "expected reward", "95 % interval", "gain over served"),
    *("effective sample", "IPS", "SNIPS", "doubly robust", "mean weight", "greatest"),
)


def write(told: Evaluation, path: Path) -> None:
    pictures = {
        "figures": {
            "side-by-side": figures.side_by_side(told),
            "over-time": figures.over_time(told),
        },
        "ways": {"over-time": figures.ways(told)},
    }
    about = "; ".join(words.about(told.start, told.end, told.read)) + "."
    page.write(path, told.title, about, "\n".join(_body(told)), pictures)


def _body(told: Evaluation) -> Iterator[str]:
    yield page.flags(told.flags)
    yield f'<div class="verdict">{page.each("p", words.verdict(told))}</div>'
    yield '<h2>Side by side</h2><div class="picture" id="side-by-side"></div>'
    yield f'<h2>Over time</h2><div class="switch">{_switch(told)}</div>'
    yield '<div class="picture" id="over-time"></div>'
    yield '<p class="note">A click on a name shows or hides it, a double click shows it alone.</p>'
    yield f"<h2>In numbers</h2>{_table(told)}"
    yield f"<h2>How to read this</h2><p>{html.escape(words.HOW_TO_READ)}</p>"
    yield f"<h2>The policies</h2><dl>{''.join(map(_description, told.policies))}</dl>"


def _switch(told: Evaluation) -> str:
    growing, single = words.span(told.expanding_minutes), words.span(told.rolling_minutes)
    return (
        '<button type="button" data-way="expanding" aria-pressed="true">From the beginning,'
        f" every {growing}</button>"
        '<button type="button" data-way="rolling" aria-pressed="false">'
        f"Every {single}, by itself</button>"
    )


def _table(told: Evaluation) -> str:
    flagged = {flag.policy for flag in told.flags if flag.policy}
    rows = (Row(_cells(each), _kind(each, told, flagged)) for each in told.policies)
    return table(_COLUMNS, rows, texts=2)


def _cells(policy: Policy) -> list[str]:
    total = policy.total
    return [
        policy.name,
        words.SOURCES[policy.source],
        words.reward(policy),
        words.interval(policy),
        words.gain(policy),
        number(total.effective_sample_size, 0),
        number(total.ips),
        number(total.snips),
        number(total.doubly_robust),
        number(total.mean_weight, 3),
        number(total.max_weight, 1),
    ]


def _kind(policy: Policy, told: Evaluation, flagged: Collection[str]) -> str:
    kinds = {"optimal": policy.name == told.optimal, "flagged": policy.name in flagged}
    return " ".join(kind for kind, holds in kinds.items() if holds)


def _description(policy: Policy) -> str:
    """Baseline and random have no arguments."""
    told = [policy.arguments, *policy.changed]
    if policy.refused:
        told.append(f"{policy.refused:,} lines could not be learned by it.")
    code, *notes = told
    if not any(told):
        return ""
    written = f"<code>{html.escape(code)}</code>{page.each('p', notes)}"
    return f"<dt>{html.escape(policy.name)}</dt><dd>{written}</dd>"
