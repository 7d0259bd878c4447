"""`python -m cli policies`: what a loop learns by, what it learned by, and changing that."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from cli.account import Account, faults_explained
from cli.steps import Problem, problems_explained
from personalizer import bootstrap
from personalizer.domain.policy import Policy, presets, shown
from personalizer.domain.policy.presets import PRESETS
from personalizer.errors import PolicyNotFound
from personalizer.usecases import policies, steer
from personalizer.usecases.configure import Configure
from personalizer.usecases.policies import Kept
from personalizer.usecases.steer import Effect, Steered
from personalizer.wire import policy as wire

app = typer.Typer(
    help="What a loop learns by. Reads LOOPS_TABLE and DATA_BUCKET, two of the stack's outputs,"
    " from the environment.",
    no_args_is_help=True,
)

Loop = Annotated[str, typer.Option(help="The loop's name.")]

EFFECTS = {
    Effect.NONE: "it was set already.",
    Effect.CONTINUES: "its model goes on learning.",
    Effect.RESTARTS: "a new model starts, and first learns again what the log holds.",
}


@app.command(name="presets")
def presets_() -> None:
    """Say which policies have a name of their own, and when to use each."""
    for name, preset in PRESETS.items():
        typer.echo(f"{name}: {preset.about}\n  {preset.arguments}")


@app.command()
def show(loop: Loop) -> None:
    """Say what the loop learns by now."""
    with _explained():
        kept, exploration = _history(loop)
        typer.echo(_line(next(kept), exploration))


@app.command()
def history(loop: Loop) -> None:
    """Say what the loop ever learned by, the newest first."""
    with _explained():
        kept, exploration = _history(loop)
        for each in kept:
            typer.echo(_line(each, exploration))


@app.command()
def export(loop: Loop) -> None:
    """Print what the loop learns by as Azure's JSON file, which `set` takes again."""
    with _explained():
        kept, exploration = _history(loop)
        typer.echo(wire.response(next(kept).policy, exploration))


@app.command(name="set", context_settings={"ignore_unknown_options": True})
def set_(
    loop: Loop,
    policy: Annotated[
        str,
        typer.Argument(
            help="A preset's name; a file, in Azure's JSON; or arguments, in one pair of quotes."
        ),
    ],
    name: Annotated[str, typer.Option(help="What to call arguments.")] = "cli",
) -> None:
    """Learn by another policy from now on."""
    with _explained():
        _steer(steer.set_policy, loop, _given(policy, name))
        if policy in PRESETS:
            Configure(Account().loops, bootstrap.now)(loop, PRESETS[policy].settled)


@app.command()
def restore(
    loop: Loop, policy_id: Annotated[str, typer.Argument(help="As `history` tells it.")]
) -> None:
    """Learn by an earlier policy again."""
    with _explained():
        try:
            _steer(steer.restore_policy, loop, policy_id)
        except PolicyNotFound:
            raise Problem(f"Loop {loop} never had a policy {policy_id}.") from None


@app.command()
def reset(loop: Loop) -> None:
    """Learn by the policy again that the loop was made with."""
    with _explained():
        _steer(steer.reset_policy, loop)


@contextmanager
def _explained() -> Iterator[None]:
    with problems_explained(), faults_explained():
        yield


def _history(loop: str) -> tuple[Iterator[Kept], float]:
    """The loop's policies, newest first, and its exploration."""
    account = Account()
    state = account.loops.state(loop, consistent=True)
    kept = policies.history(account.objects, state.head.policy)
    return kept, state.configuration.exploration


def _steer(change: Callable[..., Steered], loop: str, *what: object) -> None:
    account = Account()
    steered = change(
        account.loops, account.objects, loop, *what, bootstrap.new_uid(), bootstrap.now()
    )
    typer.echo(f"Loop {loop}: {EFFECTS[steered.effect]}")


def _given(text: str, name: str) -> Policy:
    if text in PRESETS:
        return presets.named(text)
    if text.lstrip().startswith("-"):
        return Policy(name, text)
    try:
        return wire.policy(Path(text).read_bytes())
    except OSError as error:
        raise Problem(f"{text}: {error.strerror}.") from error


def _line(kept: Kept, exploration: float) -> str:
    """A name is a client's: it could hold what a terminal obeys."""
    policy = kept.policy
    name = "".join(letter if letter.isprintable() else "?" for letter in policy.name)
    arguments = shown(policy.arguments, exploration)
    return f"{kept.id}  {_time(policy.set_at)}  {name}\n  {arguments}"


def _time(milliseconds: int) -> str:
    if not milliseconds:
        return "with the loop"
    return datetime.fromtimestamp(milliseconds // 1000, UTC).isoformat()
