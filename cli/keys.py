"""`python -m cli keys`: loops, and the subscription keys that open them."""

from decimal import Decimal
from typing import Annotated

import typer

from cli.account import Account, faults_explained
from cli.steps import problems_explained
from personalizer.domain.event import Aggregation, LearningMode
from personalizer.domain.loop import Configuration
from personalizer.usecases import provision

app = typer.Typer(no_args_is_help=True)

DEFAULTS = Configuration()


@app.callback()
def keys() -> None:
    """Loops, and the subscription keys that open them."""


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
) -> None:
    """Print a new key of a loop; a loop that is new gets these settings.

    The key is kept as a hash: this is the one time it can be read. Reads LOOPS_TABLE and
    DATA_BUCKET, two outputs of the stack, from the environment.
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
    with problems_explained():
        typer.echo(_new_key(loop, settings))


def _new_key(loop: str, settings: Configuration) -> str:
    account = Account()
    with faults_explained():
        if not provision.create_loop(account.loops, account.objects, loop, settings):
            typer.echo(f"Loop {loop} exists; its settings stay as they are.", err=True)
        return provision.create_key(account.loops, loop)
