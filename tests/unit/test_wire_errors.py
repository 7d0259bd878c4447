"""The error envelope of the contract."""

import json

import pytest

from personalizer.wire.errors import envelope, refused, spoken
from personalizer.wire.version import Version
from tests.factories import is_error_model

STATUSES = {
    "BadRequest": 400,
    "InvalidRankRequest": 400,
    "InvalidRewardRequest": 400,
    "InvalidEventIdToActivate": 400,
    "PayloadSizeExceeded": 400,
    "ResourceNotFound": 404,
    "OperationNotAllowed": 503,
}


@pytest.mark.parametrize(("code", "status"), STATUSES.items())
def test_a_code_has_its_status(code: str, status: int) -> None:
    assert refused(code).status == status


@pytest.mark.parametrize("code", STATUSES)
def test_an_error_has_the_contracts_form(code: str) -> None:
    assert is_error_model(json.loads(envelope(refused(code))))


def test_an_error_without_details_says_nothing_of_them() -> None:
    assert json.loads(envelope(refused("BadRequest"))) == {
        "error": {
            "code": "BadRequest",
            "message": "Request could not be understood by the server.",
        }
    }


def test_a_detail_has_the_contracts_text() -> None:
    body = json.loads(envelope(refused("InvalidRankRequest", "EmptyActionId")))
    assert body["error"]["details"] == [
        {"code": "InvalidRankRequest", "message": "Action ids must not be empty."}
    ]
    assert body["error"]["innerError"] == {"code": "EmptyActionId"}
    assert is_error_model(body)


def test_a_detail_without_a_name_brings_its_own_text() -> None:
    body = json.loads(envelope(refused("BadRequest", "MalformedJson", "No JSON: ü.")))
    assert body["error"]["details"] == [{"code": "BadRequest", "message": "No JSON: ü."}]
    assert body["error"]["innerError"] == {"code": "MalformedJson"}


def test_an_unknown_code_is_a_mistake_of_ours() -> None:
    with pytest.raises(KeyError):
        refused("Nonsense")


def test_a_version_that_has_a_code_hears_it() -> None:
    error = refused("InvalidLogRetentionDays")
    assert spoken(error, Version.V1_1_PREVIEW_3) is error


@pytest.mark.parametrize(
    ("code", "general"),
    [
        ("InvalidLogRetentionDays", "InvalidServiceConfiguration"),
        ("InvalidMultiSlotApiAccess", "BadRequest"),
        ("InvalidApiAccess", "BadRequest"),
    ],
)
def test_a_version_without_a_code_hears_a_general_one(code: str, general: str) -> None:
    error = refused(code)
    heard = spoken(error, Version.V1_0)
    assert (heard.code, heard.status, heard.message) == (general, error.status, error.message)
    assert json.loads(envelope(heard))["error"]["innerError"] == {"code": code}
