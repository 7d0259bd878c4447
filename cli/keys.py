"""`python -m cli keys`: the keys that open loops, and those that open the list of loops.

Keys are kept as hashes: when one is made is the one time it can be read. Nothing else is printed on
standard output, so that scripts can take it from there.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Annotated

import typer
from rich.table import Table

from cli.account import Account, faults_explained
from cli.steps import Problem, console, problems_explained
from personalizer.domain.access import Place, Slot
from personalizer.domain.event import Aggregation, LearningMode
from personalizer.domain.loop import Configuration
from personalizer.usecases import provision
from personalizer.wire import settings as wire

app = typer.Typer(no_args_is_help=True)

DEFAULTS = Configuration()

ALoop = Annotated[str | None, typer.Option("--loop", help="The loop's name.")]
Admin = Annotated[bool, typer.Option("--admin", help="Of the administrators, not of a loop.")]
TheSlot = Annotated[Slot, typer.Option(help="Administrators have 1 and 2 alone.")]


@app.callback()
def keys() -> None:
    """The keys that open loops. Reads LOOPS_TABLE and DATA_BUCKET, two outputs of the stack, from
    the environment."""


@app.command()
def create(
    loop: Annotated[
        str, typer.Option(help="Up to 40 lower-case letters, digits and dashes. Made if it is new.")
    ],
    reward_wait_seconds: Annotated[
        float, typer.Option(min=1, help="How long an event waits for its reward.")
    ] = DEFAULTS.reward_wait_ms / 1000,
    default_reward: Annotated[
        float, typer.Option(min=-1, max=1, help="The reward of an event that got none.")
    ] = float(DEFAULTS.default_reward),
    aggregation: Annotated[
        Aggregation, typer.Option(help="What several rewards of one event come to.")
    ] = DEFAULTS.aggregation,
    learn_after_wait: Annotated[
        bool,
        typer.Option(help="Learn no event before its wait is over, rewarded or not."),
    ] = DEFAULTS.learn_after_wait,
    exploration: Annotated[
        float, typer.Option(min=0, max=1, help="Share of uniformly random decisions.")
    ] = DEFAULTS.exploration,
    model_export_seconds: Annotated[
        float, typer.Option(min=0, help="How often, at most, a newer model goes live.")
    ] = DEFAULTS.model_export_ms / 1000,
    learning_mode: Annotated[
        LearningMode, typer.Option(help="Online, or the application decides what is shown.")
    ] = DEFAULTS.learning_mode,
    cost_offset: Annotated[
        float, typer.Option(help="Vowpal Wabbit learns a cost: this minus the reward.")
    ] = DEFAULTS.cost_offset,
    slot: Annotated[
        Slot | None, typer.Option(help="Without it, the first free one of 1 and 2.")
    ] = None,
) -> None:
    """Print a new key of a loop; a loop that is new gets these settings.

    Keys in slots 1 and 2 open all of the loop. Those in rank-1 and rank-2 can rank, reward and
    activate, and no more.
    """
    settings = Configuration(
        reward_wait_ms=int(reward_wait_seconds * 1000),
        default_reward=Decimal(str(default_reward)),
        aggregation=aggregation,
        learn_after_wait=learn_after_wait,
        exploration=exploration,
        model_export_ms=int(model_export_seconds * 1000),
        learning_mode=learning_mode,
        cost_offset=cost_offset,
    )
    with _explained():
        account = Account()
        made = provision.create_loop(account.loops, account.objects, loop, settings)
        if not made and settings != DEFAULTS:
            typer.echo(f"Loop {loop} exists; its settings stay as they are.", err=True)
        typer.echo(account.keyring.create(loop, slot))


@app.command()
def admin(slot: Annotated[Slot | None, typer.Option(help="1 or 2.")] = None) -> None:
    """Print a new key of an administrator, who may make and delete loops over HTTP."""
    with _explained():
        typer.echo(Account().keyring.create(None, slot))


@app.command()
def rotate(slot: TheSlot, loop: ALoop = None, admin: Admin = False) -> None:
    """Print a new key for a slot; the one it held stops working within a minute."""
    with _explained():
        typer.echo(Account().keyring.rotate(Place(_owner(loop, admin), slot)))


@app.command()
def revoke(slot: TheSlot, loop: ALoop = None, admin: Admin = False) -> None:
    """Take a slot's key back: it stops working within a minute."""
    with _explained():
        found = Account().keyring.revoke(Place(_owner(loop, admin), slot))
        if not found:
            raise Problem(f"Slot {slot} holds no key.")
        typer.echo(f"Took back the key in slot {slot}.", err=True)


@app.command("list")
def list_keys(loop: ALoop = None, admin: Admin = False) -> None:
    """Say which slots hold a key, and since when. The keys themselves cannot be read."""
    with _explained():
        held = Account().keyring.held(_owner(loop, admin))
    table = Table("slot", "since")
    for slot in sorted(held):
        table.add_row(slot, f"{wire.date(held[slot].since)}Z")
    console.print(table)


def _owner(loop: str | None, admin: bool) -> str | None:
    if (loop is None) != admin:
        raise Problem("Whose key? Either --loop NAME or --admin.")
    return loop


@contextmanager
def _explained() -> Iterator[None]:
    with problems_explained(), faults_explained():
        yield
