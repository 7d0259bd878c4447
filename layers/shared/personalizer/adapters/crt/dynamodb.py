"""DynamoDB's operations, as JSON over HTTP: boto3's dicts go in and come out."""

import base64
import os
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import msgspec

from personalizer.adapters.aws import Patience, Refused, Unanswered
from personalizer.adapters.crt.client import Client, Sleep
from personalizer.adapters.crt.connections import Answer
from personalizer.adapters.crt.endpoint import Endpoint
from personalizer.adapters.crt.signing import Provider, Signer, usual_provider

_encode = msgspec.json.Encoder().encode  # bytes become base64, as DynamoDB wants them
_decode = msgspec.json.Decoder(dict[str, Any]).decode


class DynamoDB:
    """Raises Refused or Unanswered, where boto3 raises ClientError or BotoCoreError."""

    def __init__(
        self,
        patience: Patience,
        provider: Provider = usual_provider,
        sleep: Sleep = time.sleep,
    ):
        endpoint = Endpoint.of("dynamodb", os.environ)
        signer = Signer("dynamodb", endpoint.region, provider)
        self._client = Client(endpoint, signer, patience, sleep)
        self.put_item = partial(self._call, "PutItem")
        self.update_item = partial(self._call, "UpdateItem")
        self.delete_item = partial(self._call, "DeleteItem")
        self.get_item = partial(self._call, "GetItem")
        self.query = partial(self._call, "Query")
        self.scan = partial(self._call, "Scan")
        self.transact_write_items = partial(self._call, "TransactWriteItems")

    def get_paginator(self, operation: str) -> "Pages":
        return Pages(getattr(self, operation))

    def _call(self, operation: str, **request: Any) -> dict[str, Any]:
        body = _encode(request)
        headers = [
            ("Content-Type", "application/x-amz-json-1.0"),
            ("Content-Length", str(len(body))),
            ("X-Amz-Target", f"DynamoDB_20120810.{operation}"),
        ]
        return self._client.call("POST", "/", headers, body, _understood)


class Pages:
    def __init__(self, call: Callable[..., dict[str, Any]]):
        self._call = call

    def paginate(self, **request: Any) -> Iterator[dict[str, Any]]:
        page = self._call(**request)
        yield page
        while start := page.get("LastEvaluatedKey"):
            page = self._call(**request, ExclusiveStartKey=start)
            yield page


def _understood(answer: Answer) -> dict[str, Any]:
    told = _told(answer)
    if answer.status == 200:
        return told
    code = str(told.get("__type", answer.status)).rpartition("#")[2]
    raise Refused(code, answer.status, told)


def _told(answer: Answer) -> dict[str, Any]:
    """Raises Unanswered for what is not what DynamoDB said."""
    checksum = answer.header("x-amz-crc32")
    if checksum is not None and checksum != str(zlib.crc32(answer.body)):
        raise Unanswered("wrong checksum")
    try:
        return {name: _with_bytes(value) for name, value in _decode(answer.body).items()}
    except ValueError as error:
        if answer.status != 200:  # of something that stands before DynamoDB
            return {}
        raise Unanswered("not DynamoDB's answer") from error


def _with_bytes(value: Any) -> Any:
    """The same with binary attributes as bytes, as boto3 has them, however deep they are."""
    if isinstance(value, Mapping):
        return {name: _attribute(name, inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_with_bytes(each) for each in value]
    return value


def _attribute(name: str, value: Any) -> Any:
    """No attribute is itself text: what is under the name B is binary."""
    if name == "B" and isinstance(value, str):
        return base64.b64decode(value)
    if name == "BS" and isinstance(value, list):
        return [base64.b64decode(each) for each in value]
    return _with_bytes(value)
