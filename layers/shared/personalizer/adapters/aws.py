"""What all AWS adapters share: patience, and errors in the product's own words."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from personalizer.errors import ServiceUnavailable


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds to wait for a connection, and for an answer to begin or go on; how often to ask."""

    connect_s: float
    read_s: float
    attempts: int


QUICK = Patience(1, 1, 3)
"""For the API: gives up before the function's five seconds do, and so in the contract's words."""

PATIENT = Patience(2, 10, 5)
"""For what nobody waits for."""


class Refused(Exception):
    """AWS answered that it will not: a code, an HTTP status, and all that it said."""

    def __init__(self, code: str, status: int, answer: Mapping[str, Any]):
        super().__init__(code)
        self.code = code
        self.status = status
        self.answer = answer


class Unanswered(Exception):
    """AWS did not answer, or nothing that could be understood."""


@contextmanager
def calls(what: str, passing: Collection[str] = ()) -> Iterator[None]:
    """Calls that fail only for AWS's reasons; error codes in `passing` mean something to us."""
    try:
        with _told_by_boto3():
            yield
    except Refused as error:
        if error.code in passing:
            raise
        raise ServiceUnavailable(f"{what}: {error}") from error
    except Unanswered as error:
        raise ServiceUnavailable(f"{what}: {error}") from error


@contextmanager
def _told_by_boto3() -> Iterator[None]:
    """The errors of AWS's SDK as ours. Who does not use it does not import it for that."""
    try:
        yield
    except (Refused, Unanswered):
        raise
    except Exception as error:
        from botocore.exceptions import BotoCoreError, ClientError

        if isinstance(error, ClientError):
            answer: Any = error.response
            status = answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
            raise Refused(answer.get("Error", {}).get("Code", ""), status, answer) from error
        if isinstance(error, BotoCoreError):
            raise Unanswered(type(error).__name__) from error
        raise
