"""`python -m cli models`: a loop's models, out, in, and back."""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Annotated

import typer

from cli import signatures
from cli.account import Account, faults_explained
from cli.steps import Problem, console, problems_explained, step
from personalizer import bootstrap
from personalizer.adapters.vw import VwEngine
from personalizer.domain.commit import Source
from personalizer.usecases.models import archive, history, served
from personalizer.usecases.models.history import Generation
from personalizer.usecases.models.placing import Placing

app = typer.Typer(
    help="A loop's models: out, in, and back to an earlier one. Reads the stack's outputs"
    " (LOOPS_TABLE, DATA_BUCKET, MODEL_SIGNING_KEY) from the environment.",
    no_args_is_help=True,
)

Loop = Annotated[str, typer.Option(help="The loop's name.")]


@app.command()
def export(
    loop: Loop,
    to: Annotated[Path, typer.Option(help="The file to write.")],
    signed: Annotated[
        bool, typer.Option("--signed", help="As a zip with this deployment's signature.")
    ] = False,
) -> None:
    """Write the model that the loop serves to a file."""
    account = Account()
    with _explained(), step(f"Exporting to {to}"):
        exported = served.export(account.loops, account.objects, loop, bootstrap.now())
        if exported is None:
            raise Problem(f"Loop {loop} has no model yet.")
        data = archive.signed(exported.model, account.signer) if signed else exported.model
        to.write_bytes(data)


@app.command("import")
def import_(
    loop: Loop,
    file: Annotated[
        Path, typer.Argument(help="A signed zip of anybody's, Azure's too, or a bare model.")
    ],
    signed_by: Annotated[
        str | None,
        typer.Option(help="Take it only from this signer: the SHA-256 of the zip's signer.der."),
    ] = None,
) -> None:
    """Go on from a model that was made elsewhere. It is live at once."""
    with _explained():
        model = _model(_read(file), signed_by)
        with step("Examining and importing"):
            generation = _placing().adopt(loop, model)
    console.print(f"Loop {loop} goes on from it: generation {generation}.")


@app.command()
def rollback(
    loop: Loop, generation: Annotated[int, typer.Argument(help="As `history` tells it.")]
) -> None:
    """Go on from an earlier model, by the policy of its time. The log stays; it is live at once."""
    with _explained(), step("Rolling back"):
        made = _placing().roll_back(loop, generation)
    console.print(f"Loop {loop} goes on from generation {generation}, as generation {made}.")


@app.command("history")
def show_history(
    loop: Loop,
    before: Annotated[int | None, typer.Option(help="Only generations before this one.")] = None,
    size: Annotated[
        int, typer.Option(min=1, max=history.MAX_PAGE, help="How many to show.")
    ] = history.PAGE,
) -> None:
    """Say what the loop's models were, the newest first."""
    account = Account()
    with _explained():
        for each in history.page(account.loops, account.objects, loop, before, size):
            typer.echo(_line(each))


@app.command()
def properties(loop: Loop) -> None:
    """Say when the loop's first model was made, and when the one that it serves."""
    with _explained():
        found = served.properties(Account().loops, loop, bootstrap.now())
    if found is None:
        typer.echo("There is no model yet.")
        return
    typer.echo(f"created   {_time(found.created_at)}\nmodified  {_time(found.modified_at)}")


@contextmanager
def _explained() -> Iterator[None]:
    with problems_explained(), faults_explained():
        yield


def _placing() -> Placing:
    account = Account()
    return Placing(account.loops, account.objects, VwEngine(), bootstrap.now, bootstrap.new_uid)


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise Problem(f"{file}: {error.strerror}.") from error


def _model(data: bytes, signed_by: str | None) -> bytes:
    if not zipfile.is_zipfile(BytesIO(data)):
        if signed_by is not None:
            raise Problem("A bare model is signed by nobody.")
        return data
    model, signer = signatures.verified(data)
    typer.echo(f"Signed by {signer.name}, SHA-256 {signer.fingerprint}.")
    if signed_by is not None and signed_by.replace(":", "").lower() != signer.fingerprint:
        raise Problem("That is another signer than the one you trust.")
    return model


def _line(generation: Generation) -> str:
    made = {
        Source.LEARNED: f"learned {generation.trained}",
        Source.IMPORTED: "imported",
        Source.RESTORED: f"restored from {generation.base}",
    }
    head = f"{generation.number:>8}  {_time(generation.made_at)}  {made[generation.source]}"
    return f"{head}  {generation.sha256[:16]}\n          {generation.arguments}"


def _time(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds // 1000, UTC).isoformat()
