"""API Gateway's answers and paths, as a client of a REST API on AWS sees them.

When ministack imports an API it leaves out the gateway responses, the types of what is binary and
the headers of its preflight answers, though it can serve them; and it decodes a path before it
matches it, so that a `%2F` in an event id splits the id.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from ministack.services import apigateway_v1

type Json = dict[str, Any]
type Application = Callable[[Json, Any, Any], Awaitable[None]]


def install() -> None:
    """Call before the emulator serves."""
    apigateway_v1._import_rest_api = _with_gateway_responses(apigateway_v1._import_rest_api)
    apigateway_v1._import_operation = _with_responses(apigateway_v1._import_operation)
    apigateway_v1._media_type_matches = _by_the_first(apigateway_v1._media_type_matches)


def encoded(app: Application) -> Application:
    """The same application, but an API's paths reach it percent-encoded, as they were sent."""

    async def application(scope: Json, receive: Any, send: Any) -> None:
        if "/_user_request_/" in scope.get("path", ""):
            scope = scope | {"path": scope["raw_path"].decode("ascii")}
        await app(scope, receive, send)

    return application


def _with_gateway_responses(import_api: Callable[..., str]) -> Callable[..., str]:
    def import_rest_api(body: Json, *rest: Any) -> str:
        api = import_api(body, *rest)
        for kind, response in body.get("x-amazon-apigateway-gateway-responses", {}).items():
            apigateway_v1._put_gateway_response(api, kind, response)
        binary = body.get("x-amazon-apigateway-binary-media-types", [])
        apigateway_v1._rest_apis[api]["binaryMediaTypes"] = binary
        return api

    return import_rest_api


def _by_the_first(matches: Callable[..., bool]) -> Callable[..., bool]:
    """AWS looks at the first of the types that a client accepts; ministack at all as if one."""

    def match(media_type: str | None, *rest: Any) -> bool:
        return matches((media_type or "").partition(",")[0], *rest)

    return match


def _with_responses(import_operation: Callable[..., None]) -> Callable[..., None]:
    def import_one(api: str, resource: str, method: str, operation: Json, *rest: Any) -> None:
        import_operation(api, resource, method, operation, *rest)
        integration = operation.get("x-amazon-apigateway-integration", {})
        for response in integration.get("responses", {}).values():
            apigateway_v1._put_integration_response(
                api, resource, method, response["statusCode"], response
            )

    return import_one
