"""S3: immutable objects, and the quarantine."""

import hashlib
from typing import TYPE_CHECKING

import msgspec
from botocore.exceptions import ClientError

from personalizer.adapters.aws import calls
from personalizer.domain.loop import ObjectRef
from personalizer.errors import ObjectCorrupt, ObjectMissing

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

_EXISTS = ("PreconditionFailed", "412")
_MISSING = ("NoSuchKey", "404")


class S3Objects:
    def __init__(self, client: "S3Client", bucket: str):
        self._client = client
        self._bucket = bucket

    def put(self, key: str, data: bytes) -> ObjectRef:
        ref = ObjectRef(key, hashlib.sha256(data).hexdigest())
        try:
            with calls(f"write {key}", passing=_EXISTS):
                self._client.put_object(Bucket=self._bucket, Key=key, Body=data, IfNoneMatch="*")
        except ClientError:
            self.get(ref)  # ours, if an earlier attempt succeeded unheard
        return ref

    def get(self, ref: ObjectRef) -> bytes:
        try:
            with calls(f"read {ref.key}", passing=_MISSING):
                data = self._client.get_object(Bucket=self._bucket, Key=ref.key)["Body"].read()
        except ClientError as error:
            raise ObjectMissing(ref.key) from error
        if hashlib.sha256(data).hexdigest() != ref.sha256:
            raise ObjectCorrupt(ref.key)
        return data


class S3Quarantine:
    def __init__(self, client: "S3Client", bucket: str):
        self._client = client
        self._bucket = bucket

    def put(self, loop: str, uid: str, reason: str, data: bytes) -> None:
        key = f"quarantine/{loop}/{uid}.json"
        body = msgspec.json.encode({"reason": reason, "record": data})
        with calls("quarantine"):
            self._client.put_object(Bucket=self._bucket, Key=key, Body=body)
