"""What a loop's owner asks of the management function."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.functions.conftest import Service, call


@dataclass(frozen=True)
class Answer:
    """`headers` by their names in small letters."""

    status: int
    body: bytes
    headers: dict[str, str]
    encoded: bool

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def refusal(self) -> tuple[int, str]:
        """Status and code."""
        return self.status, self.json["error"]["code"]


@dataclass(frozen=True)
class Owner:
    service: Service
    loop: str

    def __call__(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        accept: str = "application/json",
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        event = call("management", self.loop, httpMethod=method, path=f"/personalizer{path}")
        event["requestContext"]["path"] = f"/v1/personalizer{path}"
        told = {"Accept": accept, "Host": "api.example.com", **(headers or {})}
        event |= {"headers": told, "queryStringParameters": query}
        if body:
            event |= {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}
        return _read(self.service("management", event))


def _read(answer: dict[str, Any]) -> Answer:
    encoded, body = answer["isBase64Encoded"], answer["body"]
    data = base64.b64decode(body) if encoded else body.encode()
    headers = {name.lower(): value for name, value in answer["headers"].items()}
    return Answer(answer["statusCode"], data, headers, encoded)
