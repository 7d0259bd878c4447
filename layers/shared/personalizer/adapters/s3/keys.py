"""Reading a bucket by its names."""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from personalizer.adapters.aws import calls

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client


def under(client: "S3Client", bucket: str, prefix: str, after: str = "") -> Iterator[str]:
    """Every key that starts with the prefix and comes after that one, in order."""
    yield from (key for key, _ in dated(client, bucket, prefix, after))


def dated(
    client: "S3Client", bucket: str, prefix: str, after: str = ""
) -> Iterator[tuple[str, datetime]]:
    """The same, with the times at which they were written."""
    with calls(f"list {prefix}"):
        listing = client.get_paginator("list_objects_v2")
        for page in listing.paginate(Bucket=bucket, Prefix=prefix, StartAfter=after):
            yield from ((each["Key"], each["LastModified"]) for each in page.get("Contents", []))


def body(client: "S3Client", bucket: str, key: str, passing: Collection[str] = ()) -> bytes:
    with calls(f"read {key}", passing):
        return client.get_object(Bucket=bucket, Key=key)["Body"].read()
