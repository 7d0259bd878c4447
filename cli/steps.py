"""Saying what goes on: a line per step while it lasts, and how long it took."""

import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import typer
from rich.console import Console

console = Console(highlight=False)


class Problem(Exception):
    """Something a person can put right; the message says how."""


@contextmanager
def step(what: str) -> Iterator[None]:
    started = time.monotonic()
    with console.status(f"{what} ..."):
        yield
    console.print(f"[green]✓[/] {what} [dim]{time.monotonic() - started:.1f} s[/]")


@contextmanager
def problems_explained() -> Iterator[None]:
    """The message instead of a traceback; the exit status tells scripts."""
    try:
        yield
    except Problem as problem:
        typer.echo(f"{typer.style('✗', fg='red')} {problem}", err=True)
        raise SystemExit(1) from None


def run(command: Sequence[str | Path], env: Mapping[str, str], cwd: Path) -> str:
    """What the command printed; if it fails, the end of that is the Problem."""
    done = subprocess.run(  # noqa: S603 - programs of our own environments
        [str(part) for part in command], env=env, cwd=cwd, text=True, capture_output=True
    )
    if done.returncode:
        raise Problem(f"{command[0]} failed:\n{last_lines(done.stdout + done.stderr)}")
    return done.stdout


def last_lines(text: str, count: int = 25) -> str:
    return "\n".join(text.splitlines()[-count:])
