"""Reading a bucket by its names."""

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from personalizer.adapters.aws import calls

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client


def under(client: "S3Client", bucket: str, prefix: str) -> Iterator[str]:
    """Every key that starts with the prefix, in order."""
    with calls(f"list {prefix}"):
        pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        for page in pages:
            yield from (entry["Key"] for entry in page.get("Contents", []))


def body(client: "S3Client", bucket: str, key: str, passing: Collection[str] = ()) -> bytes:
    with calls(f"read {key}", passing):
        return client.get_object(Bucket=bucket, Key=key)["Body"].read()
