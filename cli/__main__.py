"""`python -m cli`: what runs on a person's machine."""

import typer

from cli import keys, logs, loops, models, policies
from cli.demo.commands import demo
from cli.evaluation import jobs as evaluations
from cli.evaluation.command import evaluate
from cli.explain import explain
from cli.local import commands as local

# Plain help: tables would cut the options' names short.
app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)
app.add_typer(local.app, name="local")
app.add_typer(keys.app, name="keys")
app.add_typer(loops.app, name="loops")
app.add_typer(policies.app, name="policies")
app.add_typer(models.app, name="models")
app.add_typer(logs.app, name="logs")
app.command()(explain)
app.command()(demo)
app.command()(evaluate)
app.add_typer(evaluations.app, name="evaluations")

app(prog_name="python -m cli")
