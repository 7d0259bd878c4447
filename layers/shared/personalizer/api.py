"""Between API Gateway's events and the operations: one request in, one response out."""

import base64
import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from personalizer.domain.access import Role
from personalizer.domain.event import Key
from personalizer.errors import PersonalizerError, RequestError
from personalizer.wire import errors, paths
from personalizer.wire import version as versions
from personalizer.wire.version import Version

KEY_HEADER = "ocp-apim-subscription-key"
GENERATION_HEADER = "X-Personalizer-Generation"
"""On every rank: the generation of the model that ranked, 0 before there was any."""

MODEL_HEADER = "X-Personalizer-Model"
"""On changes of settings and policies: whether the model goes on, or starts anew from the log."""

ERROR_HEADER = "x-ms-error-code"
"""On errors, since the contract's last version."""

HEADERS = {
    "Content-Type": "application/json; charset=utf-8",
    "Cache-Control": "no-store",
    "Access-Control-Allow-Origin": "*",
    "X-Content-Type-Options": "nosniff",
}

UNAVAILABLE = 503

type Tell = Callable[..., object]
"""A logger's or a metric's method: how they are made is the functions' business."""


def _silent(*_: object, **__: object) -> None:
    """Nobody listens."""


@dataclass(frozen=True, slots=True)
class Request:
    """A call that the authorizer let through."""

    event: Mapping[str, Any]

    @property
    def loop(self) -> str:
        """The loop that the caller's key opens; nothing in the request can name another."""
        loop: str = self.event["requestContext"]["authorizer"]["loop"]
        return loop

    @property
    def role(self) -> Role:
        """What the caller's key may do; of the authorizer too."""
        return Role(self.event["requestContext"]["authorizer"]["role"])

    @property
    def body(self) -> bytes:
        """The bytes as they came, be they text or not."""
        body: str = self.event.get("body") or ""
        if self.event.get("isBase64Encoded"):
            return base64.b64decode(body)
        return body.encode(errors="surrogatepass")

    @property
    def method(self) -> str:
        method: str = self.event["httpMethod"]
        return method

    @property
    def path(self) -> str:
        """Percent-encoded, without the stage."""
        path: str = self.event["path"]
        return path

    @property
    def full_path(self) -> str:
        """As the client sent it, with the stage."""
        path: str = self.event["requestContext"]["path"]
        return path

    @property
    def address(self) -> str:
        """Where the client called, without the query. API Gateway tells how; the local emulator
        does not, and knows but one way."""
        scheme = self.header("x-forwarded-proto") or "http"
        return f"{scheme}://{self.header('host')}{self.full_path}"

    @property
    def version(self) -> Version:
        """The contract's, that this call speaks."""
        found = versions.split(self.path)
        return found[0] if found else Version.V1_1_PREVIEW_3

    def query(self, name: str) -> str | None:
        parameters = self.event.get("queryStringParameters") or {}
        return next((value for key, value in parameters.items() if key.lower() == name), None)

    def header(self, name: str) -> str | None:
        headers = self.event.get("headers") or {}
        return next((value for key, value in headers.items() if key.lower() == name), None)

    def key(self, code: str) -> Key:
        """The event in the path; an id that cannot be one is refused with `code`."""
        return Key(self.loop, paths.event_id(self.event["pathParameters"]["eventId"], code))


@dataclass(frozen=True, slots=True)
class Response:
    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    binary: bool = False


def answer(
    event: Mapping[str, Any],
    operation: Callable[[Request], Response],
    log: Tell = _silent,
    count: Tell = _silent,
    *,
    allowed: Collection[Role],
) -> dict[str, Any]:
    """The operation's response, or the contract's error, in API Gateway's form.

    `allowed` are the roles that the operation is for. This is the one place where they are looked
    at: what API Gateway keeps of the authorizer's answer holds for every call with the same key.

    Errors are logged and counted too, by what they are called and without what they are about.
    """
    request = Request(event)
    try:
        response = _admitted(_versioned(request), operation, allowed)
    except PersonalizerError as error:
        refusal = errors.spoken(errors.of(error), request.version)
        log("refused", status=refusal.status, code=refusal.code, reason=errors.reason(error))
        count("Refused" if refusal.status < UNAVAILABLE else "Unavailable", "Count", 1)
        response = Response(
            refusal.status, errors.envelope(refusal), _of_a_refusal(refusal, request)
        )
    body = base64.b64encode(response.body) if response.binary else response.body
    return {
        "statusCode": response.status,
        "headers": {**HEADERS, **response.headers},
        "body": body.decode(),
        "isBase64Encoded": response.binary,
    }


def _admitted(
    request: Request, operation: Callable[[Request], Response], allowed: Collection[Role]
) -> Response:
    if request.role in allowed:
        return operation(request)
    if elsewhere := redirected(request):  # where the key may well be allowed
        return elsewhere
    raise errors.refused("InvalidApiAccess")


def redirected(request: Request) -> Response | None:
    """To the same path without doubled slashes, which API Gateway takes for another; else None."""
    if paths.collapsed(request.path) == request.path:
        return None
    return Response(308, headers={"Location": paths.collapsed(request.full_path)})


def _of_a_refusal(refusal: RequestError, request: Request) -> dict[str, str]:
    headers = {"Retry-After": "1"} if refusal.status == UNAVAILABLE else {}
    if request.version >= Version.V2022_09_01_PREVIEW:
        headers[ERROR_HEADER] = refusal.code
    return headers


def _versioned(request: Request) -> Request:
    """What API Gateway takes for a version may be another part of the API that we do not have."""
    parameters = request.event.get("pathParameters") or {}
    if "version" in parameters and not paths.is_version(parameters["version"]):
        raise errors.refused("ResourceNotFound")
    return request


def anonymous(event_id: str) -> str:
    """An event id as it may appear in a log: applications often use ids of people."""
    return hashlib.sha256(event_id.encode()).hexdigest()[:16]
