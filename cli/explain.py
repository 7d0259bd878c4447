"""`python -m cli explain`: why a decision of the log was made."""

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from cli.account import Account, faults_explained
from cli.steps import Problem, console, problems_explained
from personalizer import dsjson
from personalizer.adapters.vw import VwEngine
from personalizer.domain.explanation import Seen, Term, top
from personalizer.errors import Unexplained
from personalizer.usecases.explain import Candidate, Explain, Explained
from personalizer.usecases.logs import Range


def explain(
    event: Annotated[str, typer.Argument(help="The decision's eventId, or its uid in the log.")],
    loop: Annotated[str, typer.Option(help="The loop's name.")],
    since: Annotated[
        datetime | None, typer.Option("--from", help="Ranked then or later, in UTC.")
    ] = None,
    until: Annotated[datetime | None, typer.Option("--to", help="Ranked before, in UTC.")] = None,
    size: Annotated[int, typer.Option(min=1, help="How many features of each action.")] = 10,
) -> None:
    """Say what the model that ranked predicted for each action, and which features made it so.

    Reads LOOPS_TABLE and DATA_BUCKET, two of the stack's outputs, from the environment.
    """
    account, within = Account(), Range(_moment(since), _moment(until))
    with problems_explained(), faults_explained():
        try:
            found = Explain(account.loops, account.objects, VwEngine())(loop, event, within)
        except Unexplained as error:
            raise Problem(str(error)) from error
    console.print(_told(found), markup=False, highlight=False)
    for candidate in found.candidates:
        console.print(_table(candidate, size))


def _told(found: Explained) -> str:
    when = dsjson.timestamp(found.ranked_at)
    return f"Ranked {when} by generation {found.generation}: the first of these was chosen."


def _table(candidate: Candidate, size: int) -> Table:
    """Of the largest terms; what is left of them is a line of its own, so that it adds up."""
    explanation = candidate.explanation
    predicted, probability = explanation.predicted, candidate.probability
    title = Text(f"{_shown(candidate.id)}: {predicted:+.4f}, chosen with {probability:.1%}")
    table = Table("feature", "value", "adds", title=title, title_justify="left")
    terms = top(explanation.terms, size)
    for term, value in terms:
        table.add_row(Text(_named(term)), Text(_valued(term)), f"{value:+.4f}")
    others = len(explanation.terms) - len(terms)
    left = sum(explanation.terms.values()) - sum(value for _, value in terms)
    table.add_row(f"{others} others", "", f"{left + explanation.rest:+.4f}")
    table.add_row("whatever is asked", "", f"{explanation.constant:+.4f}")
    return table


def _named(term: Term) -> str:
    return " x ".join(_shown(str(seen)) for seen in term)


def _valued(term: Term) -> str:
    return " x ".join(_shown(value) for value in map(_value, term) if value)


def _value(seen: Seen) -> str:
    return seen.value


def _shown(text: str) -> str:
    """What a client named could hold what a terminal obeys."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def _moment(given: datetime | None) -> int | None:
    return None if given is None else int(given.replace(tzinfo=UTC).timestamp() * 1000)
