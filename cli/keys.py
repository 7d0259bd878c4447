"""`python -m cli keys`: loops, and the subscription keys that open them."""

import os
from decimal import Decimal
from typing import Annotated

import boto3
import typer
from botocore.exceptions import BotoCoreError

from cli.steps import Problem, problems_explained
from personalizer.adapters.aws import PATIENT
from personalizer.adapters.dynamodb import DynamoLoops
from personalizer.adapters.s3 import S3Objects
from personalizer.domain.event import Aggregation
from personalizer.domain.loop import Configuration
from personalizer.errors import PersonalizerError
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
        cost_offset=cost_offset,
    )
    with problems_explained():
        typer.echo(_new_key(loop, settings))


def _new_key(loop: str, settings: Configuration) -> str:
    table, bucket = _told("LOOPS_TABLE"), _told("DATA_BUCKET")
    try:
        loops = DynamoLoops(boto3.client("dynamodb", config=PATIENT), table)
        objects = S3Objects(boto3.client("s3", config=PATIENT), bucket)
        if not provision.create_loop(loops, objects, loop, settings):
            typer.echo(f"Loop {loop} exists; its settings stay as they are.", err=True)
        return provision.create_key(loops, loop)
    except (ValueError, BotoCoreError, PersonalizerError) as error:
        raise Problem(str(error)) from error


def _told(name: str) -> str:
    if not (value := os.environ.get(name)):
        raise Problem(f"{name} is not set. The stack's output CreateFirstKey shows how.")
    return value
