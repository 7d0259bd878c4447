"""Telling CloudFormation what became of a resource that a function of ours provides."""

from collections.abc import Mapping
from typing import Any

import msgspec
import urllib3

from personalizer.errors import ServiceUnavailable

_http = urllib3.PoolManager(retries=urllib3.Retry(3, backoff_factor=0.5))


def respond(event: Mapping[str, Any], name: str, failure: str | None = None) -> None:
    """The resource of this name is as it should be, or the stack cannot go on."""
    body = {
        "Status": "FAILED" if failure else "SUCCESS",
        "Reason": failure or "",
        "PhysicalResourceId": name,
        **{key: event[key] for key in ("StackId", "RequestId", "LogicalResourceId")},
    }
    # No content type: the address is signed for a request that has none.
    answer = _http.request("PUT", event["ResponseURL"], body=msgspec.json.encode(body))
    if answer.status != 200:
        raise ServiceUnavailable(f"CloudFormation answers {answer.status}")
