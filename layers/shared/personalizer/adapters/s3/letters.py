"""Batches that Lambda gave up: it keeps each whole, in a file of the on-failure bucket."""

import base64
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from personalizer.adapters.aws import Refused, calls
from personalizer.adapters.s3 import keys
from personalizer.errors import Unreadable

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

FOLDER = "aws/lambda/"
_MISSING = ("NoSuchKey", "404")


class _Document(msgspec.Struct):
    """What we need of it. `payload` is the event that the function was called with, as text."""

    payload: str


class S3DeadLetters:
    def __init__(self, client: "S3Client", bucket: str):
        self._client = client
        self._bucket = bucket

    def places(self) -> Iterator[str]:
        return keys.under(self._client, self._bucket, FOLDER)

    def read(self, place: str) -> list[bytes]:
        try:
            data = keys.body(self._client, self._bucket, place, passing=_MISSING)
        except Refused:
            return []
        try:
            document = msgspec.json.decode(data, type=_Document)
            return [_record(each) for each in msgspec.json.decode(document.payload)["Records"]]
        except (KeyError, TypeError, ValueError) as error:
            raise Unreadable(place, data, repr(error)) from error

    def forget(self, place: str) -> None:
        with calls("forget dead letter"):
            self._client.delete_object(Bucket=self._bucket, Key=place)


def _record(record: dict[str, Any]) -> bytes:
    """The hub's own bytes; of the table's stream, all of the record."""
    if "kinesis" in record:
        return base64.b64decode(record["kinesis"]["data"])
    return msgspec.json.encode(record)
