"""`python -m cli local up|down|status`: the whole loop on this machine."""

import textwrap

import typer

from cli.local import emulator, key, places, stack
from cli.local.steps import console, problems_explained, step

app = typer.Typer(help="The whole loop on this machine, without an account.", no_args_is_help=True)

REQUEST = (
    '{"contextFeatures":[{"timeOfDay":"morning"}],"actions":['
    '{"id":"pasta","features":[{"vegetarian":true}]},{"id":"steak","features":[{"spicy":true}]}]}'
)


@app.command()
def up(port: int = 4566) -> None:
    """Start the emulator, build and deploy what changed, and print how to use it."""
    with problems_explained():
        with step("Starting the emulator"):
            emulator.start(port=port)
        with step("Building the functions and their layers"):
            stack.build(port)
        with step("Deploying them"):
            stack.deploy(port)
        with step("Finding a key"):
            outputs = stack.outputs(port)
            url = stack.url(port, outputs)
            subscription_key = key.first(port, url, outputs)
        places.ENDPOINT.write_text(url)
        _how_to_use(url, subscription_key)


@app.command()
def down() -> None:
    """Stop the emulator and keep what it holds for the next `up`."""
    with problems_explained():
        was_running = emulator.stop()
        places.ENDPOINT.unlink(missing_ok=True)
        console.print("Stopped; its state is kept." if was_running else "Nothing was running.")


@app.command()
def status() -> None:
    """Say whether the stack runs, and how to use it."""
    if found := emulator.running():
        console.print(f"Running on port {found.port} as process {found.pid}.")
        if places.ENDPOINT.exists():
            _how_to_use(places.ENDPOINT.read_text(), places.KEY.read_text())
    else:
        console.print("Not running. `make up` starts it.")
        raise typer.Exit(1)


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
