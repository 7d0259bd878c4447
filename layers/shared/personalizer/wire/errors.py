"""The contract's errors: which code, which status, which words."""

import msgspec

from personalizer.errors import (
    ExampleTooLarge,
    LoopNotFound,
    NameReserved,
    PersonalizerError,
    RequestError,
)

_MESSAGES = {
    "BadRequest": (400, "Request could not be understood by the server."),
    "InvalidRankRequest": (400, "Invalid request."),
    "InvalidRewardRequest": (400, "Invalid reward request."),
    "InvalidEventIdToActivate": (400, "Invalid activate event request."),
    "PayloadSizeExceeded": (400, "Exceeds maximum allowed payload size."),
    "InvalidApiAccess": (403, "Api is currently disabled for the instance."),
    "ResourceNotFound": (404, "Requested resource does not exist on the server."),
    "NameReserved": (409, "A loop of this name was deleted, and its events may still arrive."),
    "OperationNotAllowed": (503, "This operation is not allowed at this time."),
}

_DETAILS = {
    "ActionCountOutOfBounds": "Action count should be between 1 and 50.",
    "ActionHasNoNonNullFeatures": (
        "Every action should have at least one non-null action feature."
    ),
    "ActionsContainsNull": "Actions contains null value.",
    "ContextFeaturesContainsNull": "Context features contains null value.",
    "EmptyActionId": "Action ids must not be empty.",
    "EmptyEventId": "EventId should be non-empty or null.",
    "FeatureContainsNonNumberArray": "Features should not contain array with non-number items.",
    "FeatureHasEmptyStringId": (
        "Context features and action features cannot use the empty string as an id."
    ),
    "FeaturesNotInKeyValueFormat": "Features are not in key value pair format.",
}


def refused(code: str, detail: str | None = None, text: str | None = None) -> RequestError:
    """The error to raise: `detail` names a validation rule, `text` explains one that has no name.

    The contract's own words come first; a detail without a text of its own is its own text.
    """
    status, message = _MESSAGES[code]
    if detail is None:
        return RequestError(status, code, message)
    return RequestError(status, code, message, (detail, text or _DETAILS[detail]))


def of(error: PersonalizerError) -> RequestError:
    """What the contract says of an error that names something of ours."""
    match error:
        case RequestError():
            return error
        case LoopNotFound():
            return refused("ResourceNotFound")
        case NameReserved():
            return refused("NameReserved")
        case ExampleTooLarge():
            return refused("PayloadSizeExceeded")
    return refused("OperationNotAllowed")


def reason(error: PersonalizerError) -> str:
    """What exactly is wrong, in names alone: for logs, which no content may enter."""
    if isinstance(error, RequestError):
        return error.detail[0] if error.detail else error.code
    return f"{type(error).__name__}: {error}"


def envelope(error: RequestError) -> bytes:
    body: dict[str, object] = {"code": error.code, "message": error.message}
    if error.detail:
        code, message = error.detail
        body["details"] = [{"code": code, "message": message}]
    return msgspec.json.encode({"error": body})
