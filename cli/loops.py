"""`python -m cli loops`: which there are, do they learn, and do their accounts balance?"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from cli import fleet
from cli.account import Account, faults_explained
from cli.health import words
from cli.steps import Problem, console, problems_explained
from personalizer import bootstrap, dsjson
from personalizer.adapters.dynamodb import stream
from personalizer.adapters.remembering import Remembering
from personalizer.adapters.vw import VwEngine
from personalizer.domain.agreement import Agreement
from personalizer.domain.event import LearningMode
from personalizer.errors import UNREADABLE
from personalizer.usecases import steer
from personalizer.usecases.agreement import MeasureAgreement, Progress
from personalizer.usecases.conservation import Balance, Conservation
from personalizer.usecases.health import MeasureHealth
from personalizer.usecases.rebuild import Rebuild
from personalizer.usecases.redrive import Redrive, Redriven
from personalizer.usecases.verify import Verify

app = typer.Typer(
    help="Which loops there are; whether their accounts balance, and what to do if not. Reads the"
    " stack's outputs (EVENTS_TABLE, LOOPS_TABLE and so on) from the environment.",
    no_args_is_help=True,
)

app.command()(fleet.create)
app.command("list")(fleet.list_loops)
app.command()(fleet.delete)
app.command()(fleet.apply)

Loop = Annotated[str, typer.Option(help="The loop's name.")]
SHOWN = 10


@app.command()
def conservation(loop: Loop) -> None:
    """Say where every decision is; fail if any is twice, unexplained or, for now, in flight."""
    account = Account()
    with _explained():
        balance = Conservation(
            account.events, account.loops, account.objects, account.quarantine, account.audit
        )(loop)
    console.print(_table(balance))
    if not balance.at_rest:
        raise SystemExit(1)


@app.command()
def verify(loop: Loop) -> None:
    """Learn the log once more, commit by commit, and compare the models byte for byte."""
    account, engine = Account(), VwEngine()
    with _explained():
        objects = Remembering(account.objects)  # what a model drew on, the next one draws on too
        replay = Verify(account.loops, objects, engine)(loop)
        verdicts = [*track(replay, "Verifying", console=Console(stderr=True))]
    different = [v.generation for v in verdicts if not v.same]
    damaged = [v.generation for v in verdicts if not v.stored]
    lines = sum(verdict.lines for verdict in verdicts)
    console.print(f"{len(verdicts)} models from {lines} lines:", end=" ")
    console.print(f"{len(different)} not what the log makes, {len(damaged)} lost or damaged.")
    if given := sum(verdict.given for verdict in verdicts):
        console.print(f"{given} were made from lines that are forgotten, and taken as they are.")
    if different or damaged:
        raise SystemExit(1)


@app.command()
def rebuild(loop: Loop) -> None:
    """Make the loop's newest model again from the log, if it is lost or damaged."""
    account, engine = Account(), VwEngine()
    with _explained():
        call = Rebuild(account.loops, account.objects, engine, bootstrap.now, bootstrap.new_uid)
        generation = call(loop)
    console.print(f"Made generation {generation}." if generation else "Nothing is lost.")


@app.command()
def redrive(loop: Loop) -> None:
    """Bring back what was set aside of a loop, and all that was given up. Safe to repeat."""
    account = Account()
    with _explained():
        call = Redrive(
            account.loops,
            account.objects,
            account.hub,
            account.audit,
            account.quarantine,
            stream.decode,
            bootstrap.new_uid,
        )
        done = call.dead_letters(account.dead_letters)
        for name in (UNREADABLE, loop):
            done += call.quarantined(name)
    console.print(_said(done))


@app.command()
def agreement(loop: Loop) -> None:
    """Say how often an apprentice chose as the application did; from 80 % on it may go online."""
    account = Account()
    with _explained():
        progress = MeasureAgreement(account.loops, account.objects)(loop)
        if not progress.ever.events and progress.mode is not LearningMode.APPRENTICE:
            raise Problem(f"Loop {loop} never learned in Apprentice mode.")
    console.print(_progress(progress))


@app.command()
def health(loop: Loop) -> None:
    """Say whether the loop is learning: does it beat luck, and the application's own choice?"""
    account = Account()
    with _explained():
        checkup = MeasureHealth(account.loops, account.objects)(loop)
    for line in words(checkup):
        console.print(line, soft_wrap=True)


@app.command()
def reset(loop: Loop) -> None:
    """Forget the loop's model and all it has learned; its log and its settings stay."""
    with _explained():
        steer.reset(Account().loops, loop, bootstrap.new_uid())
    console.print(f"Loop {loop} starts anew.")


@contextmanager
def _explained() -> Iterator[None]:
    with problems_explained(), faults_explained():
        yield


def _table(balance: Balance) -> Table:
    table = Table("decisions", "number", "which")
    for name in (
        *("ranked", "trained", "superseded", "lapsed", "erased"),
        *("imported", "forgotten", "quarantined", "pending"),
    ):
        table.add_row(name, str(len(getattr(balance, name))))
    for name in ("in_flight", "twice", "misplaced", "unexplained"):
        uids = sorted(getattr(balance, name))
        table.add_row(name.replace("_", " "), str(len(uids)), "\n".join(uids[:SHOWN]))
    return table


def _progress(progress: Progress) -> Table:
    table = Table(f"mode: {progress.mode}", "lately", "ever")
    columns = zip(_figures(progress.latest), _figures(progress.ever), strict=True)
    for (name, lately), (_, ever) in columns:
        table.add_row(name, lately, ever)
    return table


def _figures(agreement: Agreement) -> list[tuple[str, str]]:
    return [
        ("events", f"{agreement.events:,}"),
        ("agreed", f"{agreement.rate:.1%}"),
        ("average reward", f"{agreement.average_reward:.3f}"),
        ("sum of rewards", f"{agreement.rewards:.3f}"),
        ("of which imitated", f"{agreement.matched_rewards:.3f}"),
        ("first ranked", _time(agreement.first_at)),
        ("last ranked", _time(agreement.last_at)),
    ]


def _time(milliseconds: int) -> str:
    return dsjson.timestamp(milliseconds) if milliseconds else "-"


def _said(done: Redriven) -> str:
    return f"{done.sent} sent again, {done.known} learned already, {done.kept} kept."
