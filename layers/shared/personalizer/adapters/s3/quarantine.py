"""The quarantine: a file for each record, and for each attempt to bring one back."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from personalizer.adapters.aws import Refused, calls
from personalizer.adapters.s3 import keys
from personalizer.ports import Taken

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

WAITING, TAKEN = "quarantine", "redriven"
_MISSING = ("NoSuchKey", "404")


class _Kept(msgspec.Struct):
    reason: str
    record: bytes


class S3Quarantine:
    """quarantine/<loop>/<place>.json waits, redriven/<loop>/<place>.json/<attempt> is going."""

    def __init__(self, client: "S3Client", bucket: str):
        self._client = client
        self._bucket = bucket

    def put(self, loop: str, place: str, reason: str, data: bytes) -> None:
        body = msgspec.json.encode(_Kept(reason, data))
        with calls("quarantine"):
            self._client.put_object(Bucket=self._bucket, Key=_waiting(loop, place), Body=body)

    def places(self, loop: str) -> set[str]:
        return {place for place, _ in self._found(loop)}

    def places_before(self, loop: str, moment: int) -> set[str]:
        newest: dict[str, float] = defaultdict(float)
        for place, at in self._found(loop):
            newest[place] = max(newest[place], at.timestamp() * 1000)
        return {place for place, at in newest.items() if at < moment}

    def take(self, loop: str, place: str, attempt: str) -> Taken | None:
        with suppress(Refused), calls("take from quarantine", passing=_MISSING):
            waiting = self._client.get_object(Bucket=self._bucket, Key=_waiting(loop, place))
            self._client.put_object(
                Bucket=self._bucket, Key=_taken(loop, place) + attempt, Body=waiting["Body"].read()
            )
            self._client.delete_object(Bucket=self._bucket, Key=_waiting(loop, place))
        attempts = tuple(keys.under(self._client, self._bucket, _taken(loop, place)))
        try:
            data = keys.body(self._client, self._bucket, attempts[0], passing=_MISSING)
        except (IndexError, Refused):  # sent and forgotten by another attempt
            return None
        kept = msgspec.json.decode(data, type=_Kept)
        return Taken(kept.record, kept.reason, attempts)

    def forget(self, taken: Taken) -> None:
        for key in taken.copies:
            with calls("forget"):
                self._client.delete_object(Bucket=self._bucket, Key=key)

    def _found(self, loop: str) -> Iterator[tuple[str, datetime]]:
        """Places, and when something was written there."""
        for key, at in keys.dated(self._client, self._bucket, f"{WAITING}/{loop}/"):
            yield key.removeprefix(f"{WAITING}/{loop}/").removesuffix(".json"), at
        for key, at in keys.dated(self._client, self._bucket, f"{TAKEN}/{loop}/"):
            yield key.removeprefix(f"{TAKEN}/{loop}/").rpartition(".json/")[0], at


def _waiting(loop: str, place: str) -> str:
    return f"{WAITING}/{loop}/{place}.json"


def _taken(loop: str, place: str) -> str:
    return f"{TAKEN}/{loop}/{place}.json/"
