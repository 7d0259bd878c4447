"""The notes of what became of decisions: objects named by their content, so that writing is safe
to repeat.

    audit/loop=<loop>/dt=<day of the newest note>/<sha256>.json.gz
"""

import gzip
import hashlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import takewhile
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
        found = sorted(notes)
        if not found:
            return
        data = gzip.compress(_encode(found), mtime=0)
        day = _day(loop, max(note.at for note in found))
        self._objects.put(f"{day}/{hashlib.sha256(data).hexdigest()}.json.gz", data)

    def read(self, loop: str) -> Iterator[Note]:
        for key in keys.under(self._client, self._bucket, _folder(loop)):
            yield from _decode(gzip.decompress(keys.body(self._client, self._bucket, key)))

    def forget(self, loop: str, moment: int) -> None:
        end = _day(loop, moment)
        found = keys.under(self._client, self._bucket, _folder(loop))
        self._objects.delete(takewhile(lambda key: key < end, found))


def _folder(loop: str) -> str:
    return f"audit/loop={loop}/"


def _day(loop: str, moment: int) -> str:
    return f"{_folder(loop)}dt={datetime.fromtimestamp(moment / 1000, UTC).date()}"
