"""S3's objects, to read."""

import os
import re
import time
from functools import cache
from io import BytesIO
from typing import Any
from urllib.parse import quote

from personalizer.adapters.aws import Patience, Refused
from personalizer.adapters.crt.client import Client, Sleep
from personalizer.adapters.crt.connections import Answer
from personalizer.adapters.crt.endpoint import Endpoint
from personalizer.adapters.crt.signing import Provider, Signer, usual_provider

_CODE = re.compile(rb"<Code>([^<]+)</Code>")


class S3:
    """Raises Refused or Unanswered, where boto3 raises ClientError or BotoCoreError."""

    def __init__(
        self,
        patience: Patience,
        provider: Provider = usual_provider,
        sleep: Sleep = time.sleep,
    ):
        self._endpoint = Endpoint.of("s3", os.environ)
        self._patience = patience
        self._provider = provider
        self._sleep = sleep
        self._bucket = cache(self._opened)

    def get_object(self, **wanted: str) -> dict[str, Any]:
        client, folder = self._bucket(wanted["Bucket"])
        path = f"{folder}/{quote(wanted['Key'], safe='/~')}"
        return {"Body": BytesIO(client.call("GET", path, [], b"", _understood))}

    def _opened(self, bucket: str) -> tuple[Client, str]:
        """Where a bucket is: a host of its own at AWS, a folder of whatever stands in for it.

        A certificate for *.s3 covers no name with a dot in it.
        """
        is_folder = self._endpoint.is_given or "." in bucket
        endpoint = self._endpoint if is_folder else self._endpoint.of_one(bucket)
        signer = Signer("s3", endpoint.region, self._provider)
        client = Client(endpoint, signer, self._patience, self._sleep)
        return client, f"/{bucket}" if is_folder else ""


def _understood(answer: Answer) -> bytes:
    if answer.status == 200:
        return bytes(answer.body)
    found = _CODE.search(answer.body)
    code = found[1].decode() if found else str(answer.status)
    raise Refused(code, answer.status, {})
