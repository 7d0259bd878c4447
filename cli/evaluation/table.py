"""An evaluation in a terminal: what is doubtful first, then who earned what, then what to do."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from cli.evaluation import words
from cli.evaluation.told import Evaluation, Policy
from cli.evaluation.words import number, shown

_COLUMNS = ("expected reward", "95 % interval", "gain over served", "effective sample")


def lines(told: Evaluation) -> Iterator[RenderableType]:
    for flag in told.flags:
        yield Text(f"⚑ {words.flag(flag)}", style="bold red")
    for text in words.about(told.start, told.end, told.read):
        yield Text(text + ".")
    yield _table(told)
    for text in words.verdict(told):
        yield Text(text, style="bold")


def _table(told: Evaluation) -> Table:
    flagged = {flag.policy for flag in told.flags if flag.policy}
    table = Table("policy", "which is", box=None, pad_edge=False, header_style="dim")
    for column in _COLUMNS:
        table.add_column(column, justify="right")
    table.add_column("flags", justify="center", style="bold red")
    for policy in told.policies:
        style = "bold" if policy.name == told.optimal else ""
        flag = "⚑" if policy.name in flagged else ""
        table.add_row(*map(Text, _cells(policy)), flag, style=style)
    return table


def _cells(policy: Policy) -> list[str]:
    return [
        shown(policy.name),
        words.SOURCES[policy.source],
        words.reward(policy),
        words.interval(policy),
        words.gain(policy),
        number(policy.total.effective_sample_size, 0),
    ]
