"""The notes of what became of decisions: objects named by their content, so that writing is safe
to repeat."""

import gzip
import hashlib
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import msgspec

from personalizer.adapters.s3 import keys
from personalizer.adapters.s3.objects import S3Objects
from personalizer.domain.audit import Note

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

_encode = msgspec.json.Encoder().encode_lines
_decode = msgspec.json.Decoder(Note).decode_lines


class S3Audit:
    def __init__(self, client: "S3Client", bucket: str):
        self._client = client
        self._bucket = bucket
        self._objects = S3Objects(client, bucket)

    def write(self, loop: str, notes: Iterable[Note]) -> None:
        data = gzip.compress(_encode(sorted(notes)), mtime=0)
        self._objects.put(f"{_folder(loop)}{hashlib.sha256(data).hexdigest()}.json.gz", data)

    def read(self, loop: str) -> Iterator[Note]:
        for key in keys.under(self._client, self._bucket, _folder(loop)):
            yield from _decode(gzip.decompress(keys.body(self._client, self._bucket, key)))


def _folder(loop: str) -> str:
    return f"audit/loop={loop}/"
