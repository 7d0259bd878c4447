"""`loops create|list|delete|apply`: which loops there are."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from cli import wanted
from cli.account import Account, faults_explained
from cli.keyfile import KeyFile
from cli.steps import Problem, problems_explained
from personalizer import bootstrap
from personalizer.domain.loop import Configuration
from personalizer.usecases.apply import (
    Apply,
    Delete,
    Make,
    MakeKey,
    Reconfigure,
    SetPolicy,
    Step,
)
from personalizer.wire import configuration
from personalizer.wire.version import Version

Loop = Annotated[str, typer.Option(help="The loop's name.")]


def create(loop: Loop) -> None:
    """Make a loop with the default settings; `apply` makes loops with others."""
    with _explained():
        if not Account().fleet.put(loop, lambda found: found):
            raise Problem(f"Loop {loop} exists.")
        typer.echo(f"Made loop {loop}.")


def list_loops() -> None:
    """Name the loops, one a line."""
    with _explained():
        for loop in Account().fleet.loops():
            typer.echo(loop)


def delete(
    loop: Loop, yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False
) -> None:
    """Delete a loop and its keys, for good. Its name stays reserved until its data are gone."""
    with _explained():
        if not yes:
            typer.confirm(f"Delete loop {loop} and its keys?", abort=True)
        Account().fleet.delete(loop)
        typer.echo(f"Deleted loop {loop}.")


def apply(
    file: Annotated[Path, typer.Argument(help="YAML or JSON; docs/loops.md shows one.")],
    keys: Annotated[
        Path | None, typer.Option(help="Where new keys go; others cannot read this file.")
    ] = None,
    dry_run: Annotated[bool, typer.Option(help="Say what would be changed.")] = False,
    prune: Annotated[bool, typer.Option(help="Delete loops that the file does not name.")] = False,
) -> None:
    """Make the loops what a file says they should be, and say what was changed.

    Applied again, it changes nothing. What the file does not mention stays as it is.
    """
    with _explained():
        account = Account()
        call = Apply(
            account.loops,
            account.objects,
            account.fleet,
            account.keyring,
            bootstrap.now,
            bootstrap.new_uid,
        )
        steps = call.plan(wanted.read(file), prune=prune)
        makes_keys = any(isinstance(step, MakeKey) for step in steps) and not dry_run
        if makes_keys and keys is None:
            raise Problem("There are keys to be made: --keys FILE says where they go.")
        key_file = KeyFile(keys) if makes_keys and keys else None
        for step in steps:
            made = None if dry_run else call.carry_out(step)
            if made and key_file:
                key_file.add(*made)
            typer.echo("\n".join(_said(step)))
    if not steps:
        typer.echo("Everything is as it should be.")
    elif dry_run:
        typer.echo("Nothing was changed: this was a dry run.")


def _said(step: Step) -> list[str]:
    match step:
        case Make(loop):
            return [f"+ {loop}"]
        case Reconfigure(loop, _, old, new):
            return [f"~ {loop}: {difference}" for difference in _differences(old, new)]
        case SetPolicy(loop, policy):
            return [f"~ {loop}: policy {policy.name}"]
        case MakeKey(place):
            return [f"+ {place.loop}: a key in slot {place.slot}"]
        case Delete(loop):
            return [f"- {loop}"]


def _differences(old: Configuration, new: Configuration) -> list[str]:
    before, after = (
        msgspec.json.decode(configuration.response(each, Version.V2022_09_01_PREVIEW))
        for each in (old, new)
    )
    return [
        f"{name} {before.get(name)} -> {after.get(name)}"
        for name in {**before, **after}
        if before.get(name) != after.get(name)
    ]


@contextmanager
def _explained() -> Iterator[None]:
    with problems_explained(), faults_explained():
        yield
