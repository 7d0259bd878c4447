"""Files too large for an answer: they lie in the bucket for a day, and a link opens one of them."""

import hashlib
from typing import TYPE_CHECKING

from personalizer.adapters.aws import calls

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

SECONDS = 600


class S3Links:
    def __init__(self, client: "S3Client", bucket: str):
        self._client = client
        self._bucket = bucket

    def link(self, loop: str, data: bytes, name: str) -> str:
        key = f"export/{loop}/{hashlib.sha256(data).hexdigest()}"
        with calls("write file"):
            self._client.put_object(Bucket=self._bucket, Key=key, Body=data)
        what = {
            "Bucket": self._bucket,
            "Key": key,
            "ResponseContentType": "application/octet-stream",
            "ResponseContentDisposition": f"attachment; filename={name}",
        }
        return self._client.generate_presigned_url("get_object", what, ExpiresIn=SECONDS)
