"""What all AWS adapters share: patience, and errors in the product's own words."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from personalizer.errors import ServiceUnavailable

QUICK = Config(
    connect_timeout=1,
    read_timeout=1,
    retries={"mode": "standard", "total_max_attempts": 3},
)
"""For the API: gives up before the function's five seconds do, and so in the contract's words."""

PATIENT = Config(
    connect_timeout=2,
    read_timeout=10,
    retries={"mode": "standard", "total_max_attempts": 5},
    max_pool_connections=32,
)
"""For what nobody waits for."""

SIGNING = PATIENT.merge(Config(signature_version="s3v4"))
"""For links: S3 refuses older signatures where KMS encrypts."""


def error_code(error: ClientError) -> str:
    return error.response.get("Error", {}).get("Code", "")


@contextmanager
def calls(what: str, passing: Collection[str] = ()) -> Iterator[None]:
    """Calls that fail only for AWS's reasons; error codes in `passing` mean something to us."""
    try:
        yield
    except ClientError as error:
        if error_code(error) in passing:
            raise
        raise ServiceUnavailable(f"{what}: {error_code(error)}") from error
    except BotoCoreError as error:
        raise ServiceUnavailable(f"{what}: {type(error).__name__}") from error
