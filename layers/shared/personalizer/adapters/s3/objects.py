"""S3: immutable objects, and those that a job replaces."""

import hashlib
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from personalizer.adapters.aws import Refused, calls
from personalizer.adapters.s3 import keys
from personalizer.batches import batches
from personalizer.domain.loop import ObjectRef
from personalizer.errors import ObjectCorrupt, ObjectMissing, ServiceUnavailable

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

_EXISTS = ("PreconditionFailed", "412")
_MISSING = ("NoSuchKey", "404")
_AT_ONCE = 1000
"""So many keys S3 deletes with one call."""


class S3Objects:
    def __init__(self, client: "S3Client", bucket: str):
        self._client = client
        self._bucket = bucket

    def put(self, key: str, data: bytes) -> ObjectRef:
        ref = ObjectRef(key, hashlib.sha256(data).hexdigest())
        try:
            with calls(f"write {key}", passing=_EXISTS):
                self._client.put_object(Bucket=self._bucket, Key=key, Body=data, IfNoneMatch="*")
        except Refused:
            self.get(ref)  # ours, if an earlier attempt succeeded unheard
        return ref

    def get(self, ref: ObjectRef) -> bytes:
        try:
            with calls(f"read {ref.key}", passing=_MISSING):
                data = self._client.get_object(Bucket=self._bucket, Key=ref.key)["Body"].read()
        except Refused as error:
            raise ObjectMissing(ref.key) from error
        if hashlib.sha256(data).hexdigest() != ref.sha256:
            raise ObjectCorrupt(ref.key)
        return data

    def keys(self, prefix: str, after: str = "") -> Iterator[str]:
        return keys.under(self._client, self._bucket, prefix, after)

    def read(self, key: str) -> bytes:
        try:
            return keys.body(self._client, self._bucket, key, passing=_MISSING)
        except Refused as error:
            raise ObjectMissing(key) from error

    def write(self, key: str, data: bytes) -> None:
        with calls(f"write {key}"):
            self._client.put_object(Bucket=self._bucket, Key=key, Body=data)

    def delete(self, unwanted: Iterable[str]) -> None:
        """S3 answers an error for each object: one that stays must be tried again."""
        for some in batches(unwanted, lambda _: 1, _AT_ONCE):
            with calls("delete objects"):
                answer = self._client.delete_objects(
                    Bucket=self._bucket,
                    Delete={"Objects": [{"Key": key} for key in some], "Quiet": True},
                )
            if errors := answer.get("Errors"):
                raise ServiceUnavailable(f"delete objects: {errors[0].get('Code')}")
