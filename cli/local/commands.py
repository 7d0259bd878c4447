"""`python -m cli local up|down|status`: the whole loop on this machine."""

import shlex
import textwrap
from typing import Annotated

import typer

from cli.local import emulator, environment, key, places, stack
from cli.steps import console, problems_explained, step

app = typer.Typer(help="The whole loop on this machine, without an account.", no_args_is_help=True)

Port = Annotated[
    int | None,
    typer.Option(help=f"Without it, the one that runs already, else {places.PORT}."),
]

REQUEST = (
    '{"contextFeatures":[{"timeOfDay":"morning"}],"actions":['
    '{"id":"pasta","features":[{"vegetarian":true}]},{"id":"steak","features":[{"spicy":true}]}]}'
)


@app.command()
def up(port: Port = None) -> None:
    """Start it, build and deploy what changed, and say how to use it."""
    with problems_explained():
        with step("Starting the emulator"):
            port = emulator.start(port=port).port
        with step("Building the functions and their layers"):
            stack.build(port)
        with step("Deploying them"):
            stack.deploy(port)
        with step("Finding a key"):
            outputs = stack.outputs(port)
            url = stack.url(port, outputs)
            subscription_key = key.first(port, url, outputs)
        _how_to_use(url, subscription_key)


@app.command()
def down() -> None:
    """Stop the emulator and keep what it holds for the next `up`."""
    with problems_explained():
        was_running = emulator.stop()
        console.print("Stopped; its state is kept." if was_running else "Nothing was running.")


@app.command()
def status() -> None:
    """Say whether the stack runs, and how to use it."""
    with problems_explained():
        living = emulator.found()
        console.print(f"Running on port {living.port} as process {living.pid}.")
        if places.KEY.exists():  # else the first `up` did not come to its end
            url = stack.url(living.port, stack.outputs(living.port))
            _how_to_use(url, places.KEY.read_text())


@app.command("environment")
def show_environment() -> None:
    """Print what other commands want to know of the stack: eval "$(... local environment)"."""
    with problems_explained():
        port = emulator.found().port
        variables = stack.settings(stack.outputs(port)) | environment.of_the_clients(port)
        names = {name: value for name, value in variables.items() if " " not in value}
        for name, value in names.items():  # and not the commands, which are for people
            typer.echo(f"export {name}={shlex.quote(value)}")


def _how_to_use(url: str, subscription_key: str) -> None:
    # Not through the console: that would fold lines, and these are to be copied.
    typer.echo(
        textwrap.dedent(f"""
        URL  {url}
        Key  {subscription_key}
        Log  {emulator.log_of()}
        Try  curl -i '{url}/personalizer/v1.0/rank' \\
               -H 'Ocp-Apim-Subscription-Key: {subscription_key}' \\
               -H 'Content-Type: application/json' \\
               -d '{REQUEST}'
        """)
    )
