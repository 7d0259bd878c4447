"""`keys`: loops, and the subscription keys that open them."""

import os
from decimal import Decimal
from typing import Annotated

import boto3
import typer

from personalizer.adapters.aws import PATIENT
from personalizer.adapters.dynamodb import DynamoLoops
from personalizer.adapters.s3 import S3Objects
from personalizer.domain.event import Aggregation
from personalizer.domain.loop import Configuration
from personalizer.usecases import provision

app = typer.Typer(help=__doc__, no_args_is_help=True)

DEFAULTS = Configuration()


@app.callback()
def keys() -> None:
    """Loops, and the subscription keys that open them."""


@app.command()
def create(
    loop: Annotated[str, typer.Option(help="Made with these settings if it is new.")],
    reward_wait_seconds: float = DEFAULTS.reward_wait_ms / 1000,
    default_reward: float = float(DEFAULTS.default_reward),
    aggregation: Aggregation = DEFAULTS.aggregation,
    model_export_seconds: Annotated[
        float, typer.Option(help="How often, at most, a newer model goes live.")
    ] = DEFAULTS.model_export_ms / 1000,
    exploration: Annotated[
        float, typer.Option(min=0, max=1, help="Share of uniformly random decisions.")
    ] = DEFAULTS.exploration,
) -> None:
    """Print a new key of a loop. It is kept as a hash: this is the one time it can be read.

    Reads LOOPS_TABLE and DATA_BUCKET, two outputs of the stack, from the environment.
    """
    settings = Configuration(
        reward_wait_ms=int(reward_wait_seconds * 1000),
        default_reward=Decimal(str(default_reward)),
        aggregation=aggregation,
        exploration=exploration,
        model_export_ms=int(model_export_seconds * 1000),
    )
    typer.echo(make(loop, settings))


def make(loop: str, settings: Configuration) -> str:
    """A new key of the loop, which is made with these settings if it is new."""
    loops = DynamoLoops(boto3.client("dynamodb", config=PATIENT), os.environ["LOOPS_TABLE"])
    objects = S3Objects(boto3.client("s3", config=PATIENT), os.environ["DATA_BUCKET"])
    provision.create_loop(loops, objects, loop, settings)
    return provision.create_key(loops, loop)
