"""The contract's errors: which code, which status, which words."""

import msgspec

from personalizer.errors import (
    CostsChanged,
    ExampleTooLarge,
    GenerationNotFound,
    JobExists,
    JobNotFound,
    JobRefused,
    JobUnfinished,
    LoopNotFound,
    ModelNotEvaluated,
    ModelRefused,
    NameReserved,
    PersonalizerError,
    PolicyNotEvaluated,
    PolicyNotFound,
    PolicyRefused,
    RequestError,
    TokenInvalid,
    Unexplained,
)
from personalizer.wire.version import Version

_MESSAGES = {
    "BadRequest": (400, "Request could not be understood by the server."),
    "InvalidRankRequest": (400, "Invalid request."),
    "InvalidRewardRequest": (400, "Invalid reward request."),
    "InvalidEventIdToActivate": (400, "Invalid activate event request."),
    "InvalidServiceConfiguration": (400, "Invalid service configuration."),
    "InvalidRewardWaitTime": (400, "Reward wait time should be between 5 seconds and 30 days."),
    "InvalidLogRetentionDays": (
        400,
        "Log Retention Days must be -1 to store indefinitely or must be at least reward wait time "
        "plus 1 day (rounded up)",
    ),
    "InvalidModelRetrainDays": (
        400,
        "Model retrain days must be between 0 and the number of log retention days.",
    ),
    "InvalidLearningModeServiceConfiguration": (
        400,
        "Updating defaultReward, rewardWaitTime and rewardAggregation when changing learning mode "
        "from Online to Apprentice mode and vice versa is not allowed. Make the mode change and "
        "then change the additional settings with an additional API call.",
    ),
    "InvalidSasUri": (
        400,
        "SAS Uri must be the Uri to a container that has write permissions; Or the date in SAS Uri "
        "is not in the format of yyyy-mm-ddThh:mm:ssZ.",
    ),
    "InvalidPolicyConfiguration": (400, "Invalid policy configuration."),
    "InvalidPolicyContract": (400, "Invalid policy contract."),
    "InvalidEvaluationContract": (400, "Invalid evaluation contract."),
    "InvalidContract": (400, "Invalid contract."),
    "DuplicateCustomPolicyNames": (400, "Custom policy names should be unique."),
    "NoLogsExistInDateRange": (400, "No logs exist in date range."),
    "EvaluationAlreadyExists": (400, "Evaluation with id {0} already exists."),
    "FeatureImportanceAlreadyExists": (400, "Feature importance with id {0} already exists."),
    "InvalidRequest": (400, "Invalid request."),
    "InvalidExportLogsRequest": (400, "Invalid request."),
    "InvalidModelMetadata": (400, "Invalid model metadata."),
    "InvalidModelImportSignature": (
        400,
        "Given model file is not signed or does not have a valid signature.",
    ),
    "InvalidModelImportFormat": (400, "Given model file format is invalid."),
    "InvalidMultiSlotApiAccess": (
        400,
        "Multi-slot feature is currently disabled. Please follow multi-slot Personalizer "
        "documentation to update your instance settings to enable multi-slot functionality.",
    ),
    "PayloadSizeExceeded": (400, "Exceeds maximum allowed payload size."),
    "InvalidApiAccess": (403, "Api is currently disabled for the instance."),
    "ResourceNotFound": (404, "Requested resource does not exist on the server."),
    "EvaluationNotFound": (404, "Offline Evaluation not found."),
    "FeatureImportanceNotFound": (404, "Feature importance not found."),
    "LearningSettingsNotFound": (404, "Learning Settings not found in evaluation."),
    "EvaluationModelNotFound": (404, "Model not found in evaluation."),
    "IncompatibleEvaluationVersion": (
        405,
        "GetEvaluation cannot be called with an API version newer than the version used to create "
        "the evaluation.",
    ),
    "NameReserved": (409, "A loop of this name was deleted, and its events may still arrive."),
    "TooManyEvaluations": (429, "Too many evaluations of this loop are not over."),
    "OperationNotAllowed": (503, "This operation is not allowed at this time."),
}

_SINCE = {
    "InvalidLearningModeServiceConfiguration": Version.V1_1_PREVIEW_1,
    "InvalidModelMetadata": Version.V1_1_PREVIEW_1,
    "InvalidRewardWaitTime": Version.V1_1_PREVIEW_1,
    "InvalidMultiSlotApiAccess": Version.V1_1_PREVIEW_1,
    "DuplicateCustomPolicyNames": Version.V1_1_PREVIEW_1,
    "NoLogsExistInDateRange": Version.V1_1_PREVIEW_1,
    "InvalidRequest": Version.V1_1_PREVIEW_2,
    "InvalidLogRetentionDays": Version.V1_1_PREVIEW_3,
    "InvalidModelImportFormat": Version.V1_1_PREVIEW_3,
    "InvalidModelImportSignature": Version.V1_1_PREVIEW_3,
    "PayloadSizeExceeded": Version.V1_1_PREVIEW_3,
    "InvalidApiAccess": Version.V1_1_PREVIEW_3,
    "InvalidModelRetrainDays": Version.V2022_09_01_PREVIEW,
    "InvalidSasUri": Version.V2022_09_01_PREVIEW,
}
"""Codes that earlier versions do not have."""

_GENERAL = {
    "InvalidLearningModeServiceConfiguration": "InvalidServiceConfiguration",
    "InvalidRewardWaitTime": "InvalidServiceConfiguration",
    "InvalidLogRetentionDays": "InvalidServiceConfiguration",
    "InvalidModelRetrainDays": "InvalidServiceConfiguration",
    "InvalidSasUri": "InvalidServiceConfiguration",
    "DuplicateCustomPolicyNames": "InvalidEvaluationContract",
    "NoLogsExistInDateRange": "InvalidEvaluationContract",
}
"""What those versions say instead; of others, that the request was bad."""

_DETAILS = {
    "ActionCountOutOfBounds": "Action count should be between 1 and 50.",
    "ActionHasNoNonNullFeatures": (
        "Every action should have at least one non-null action feature."
    ),
    "ActionsContainsNull": "Actions contains null value.",
    "ContextFeaturesContainsNull": "Context features contains null value.",
    "EvaluationNotCompleted": "The evaluation must be completed.",
    "FilterEvaluationsQuery": (
        "Error in the filter expression. Use an expression to filter the evaluations against "
        "evaluation metadata. Only evaluations where the expression evaluates to true are included "
        "in the response. Here is an example, metadata=evaluationType eq 'Manual'."
    ),
    "IncompatibleIntervalAndWindow": (
        "Incompatible intervalInMinutes and window parameters. Valid rolling window intervals: 60 "
        "minutes, 360 minutes, 720 minutes, 1440 minutes. Valid expanding window interval: 5 "
        "minutes."
    ),
    "InvalidAutoOptimizationFrequency": "The auto-optimization frequency must be atleast 1 days.",
    "EmptyActionId": "Action ids must not be empty.",
    "EmptyEventId": "EventId should be non-empty or null.",
    "FeatureContainsNonNumberArray": "Features should not contain array with non-number items.",
    "FeatureHasEmptyStringId": (
        "Context features and action features cannot use the empty string as an id."
    ),
    "FeaturesNotInKeyValueFormat": "Features are not in key value pair format.",
}


_NAMED: dict[type[PersonalizerError], str] = {
    LoopNotFound: "ResourceNotFound",
    PolicyNotFound: "ResourceNotFound",
    GenerationNotFound: "ResourceNotFound",
    NameReserved: "NameReserved",
    CostsChanged: "InvalidModelMetadata",
    TokenInvalid: "InvalidExportLogsRequest",
    ExampleTooLarge: "PayloadSizeExceeded",
    PolicyNotEvaluated: "LearningSettingsNotFound",
    ModelNotEvaluated: "EvaluationModelNotFound",
}

_CONTRACTS = {"evaluation": "InvalidEvaluationContract", "features": "InvalidContract"}
_ABSENT = {"evaluation": "EvaluationNotFound", "features": "FeatureImportanceNotFound"}
_TAKEN = {"evaluation": "EvaluationAlreadyExists", "features": "FeatureImportanceAlreadyExists"}
"""By the kind of job."""


def refused(
    code: str, detail: str | None = None, text: str | None = None, about: str = ""
) -> RequestError:
    """The error to raise: `detail` names a validation rule, `text` explains one that has no name.

    The contract's own words come first, and name what it is `about`; a detail without a text of its
    own is its own text.
    """
    status, words = _MESSAGES[code]
    message = words.format(about)
    if detail is None:
        return RequestError(status, code, message)
    return RequestError(status, code, message, (detail, text or _DETAILS[detail]))


def of(error: PersonalizerError) -> RequestError:
    """What the contract says of an error that names something of ours."""
    match error:
        case RequestError():
            return error
        case PolicyRefused():
            return refused("InvalidPolicyConfiguration", error.rule, str(error))
        case Unexplained():
            return refused("ResourceNotFound", error.rule, str(error))
        case ModelRefused():
            return refused(error.code, error.rule, str(error))
        case JobNotFound():
            return refused(_ABSENT[error.kind])
        case JobExists():
            return refused(_TAKEN[error.kind], about=error.job_id)
        case JobRefused():
            code = error.rule if error.rule in _MESSAGES else _CONTRACTS[error.kind]
            return refused(code, error.rule, str(error))
        case JobUnfinished():
            return refused("InvalidRequest", "EvaluationNotCompleted")
    named = [code for kind, code in _NAMED.items() if isinstance(error, kind)]
    return refused(named[0]) if named else refused("OperationNotAllowed")


def spoken(error: RequestError, version: Version) -> RequestError:
    """The error in a version's own codes: what it has no code for gets a general one.

    The newer code becomes the inner one, and status and words stay.
    """
    if version >= _SINCE.get(error.code, Version.V1_0):
        return error
    general = _GENERAL.get(error.code, "BadRequest")
    return RequestError(error.status, general, error.message, (error.code, str(error)))


def reason(error: PersonalizerError) -> str:
    """What exactly is wrong, in names alone: for logs, which no content may enter."""
    if isinstance(error, RequestError):
        return error.detail[0] if error.detail else error.code
    return f"{type(error).__name__}: {error}"


def envelope(error: RequestError) -> bytes:
    """Only the inner error has room for names that are not among the contract's codes."""
    body: dict[str, object] = {"code": error.code, "message": error.message}
    if error.detail:
        rule, text = error.detail
        body["details"] = [{"code": error.code, "message": text}]
        body["innerError"] = {"code": rule}
    return msgspec.json.encode({"error": body})
