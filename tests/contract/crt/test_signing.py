"""Who AWS believes is calling: signatures over awscrt, and whose credentials they are made with."""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from awscrt.auth import AwsCredentials, AwsCredentialsProvider
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from personalizer.adapters.aws import Refused, Unanswered
from personalizer.adapters.crt import S3, DynamoDB
from tests.contract.crt.conftest import STEADY
from tests.contract.crt.test_retries import refusal
from tests.stack import REGION
from tests.wire import Request, Wire, answer

ODD_KEYS = [
    "gen/a",
    "log/loop=a/dt=2026-01-01/x.gz",
    "a b",
    "a//b",
    "ü/😀",
    "a%2Fb",
    "a+b~c",
    "../a",
]


def signature(request: Request) -> str:
    return request.headers["authorization"].rpartition("Signature=")[2]


def access_key(request: Request) -> str:
    return request.headers["authorization"].partition("Credential=")[2].partition("/")[0]


def expected(
    request: Request, signer: Callable[..., Any], service: str, credentials: Credentials
) -> str:
    """The SDK's signature of what arrived."""
    signed = request.headers["authorization"].partition("SignedHeaders=")[2].partition(",")[0]
    aws = AWSRequest(
        request.method,
        f"http://{request.headers['host']}{request.path}",
        {name: request.headers[name] for name in signed.split(";")},
        request.body,
    )
    aws.context["timestamp"] = request.headers["x-amz-date"]
    aws.context["payload_signing_enabled"] = True
    by_the_sdk = signer(credentials, service, REGION)
    text = by_the_sdk.string_to_sign(aws, by_the_sdk.canonical_request(aws))
    return str(by_the_sdk.signature(text, aws))


def test_a_write_is_signed_as_the_sdk_would(wire: Wire, put: Callable[[], object]) -> None:
    put()
    (request,) = wire.requests
    credentials = Credentials("AKIDEXAMPLE", "secret")
    assert signature(request) == expected(request, SigV4Auth, "dynamodb", credentials)
    signed = request.headers["authorization"].partition("SignedHeaders=")[2]
    assert all(name in signed for name in ("host", "x-amz-target", "x-amz-date"))


@pytest.mark.parametrize("key", ODD_KEYS)
def test_a_read_of_an_object_is_signed_as_the_sdk_would(wire: Wire, key: str) -> None:
    S3(STEADY).get_object(Bucket="bucket", Key=key)
    (request,) = wire.requests
    credentials = Credentials("AKIDEXAMPLE", "secret")
    assert signature(request) == expected(request, S3SigV4Auth, "s3", credentials)
    assert "x-amz-content-sha256" in request.headers


def test_a_session_is_told(
    wire: Wire, put: Callable[[], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SESSION_TOKEN", "of the session")
    put()
    (request,) = wire.requests
    assert request.headers["x-amz-security-token"] == "of the session"
    credentials = Credentials("AKIDEXAMPLE", "secret", "of the session")
    assert signature(request) == expected(request, SigV4Auth, "dynamodb", credentials)


def test_credentials_of_the_environment_are_those_of_now(
    wire: Wire, put: Callable[[], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    put()
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDANOTHER")
    put()
    assert [access_key(each) for each in wire.requests] == ["AKIDEXAMPLE", "AKIDANOTHER"]


def test_no_credentials_are_no_answer(
    wire: Wire, put: Callable[[], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    with pytest.raises(Unanswered, match="no signature"):
        put()
    assert wire.requests == []


def test_credentials_of_a_profile_are_found(
    wire: Wire, put: Callable[[], object], monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    """As on a machine of one's own."""
    profile = tmp_path / "credentials"
    profile.write_text("[default]\naws_access_key_id=AKIDPROFILE\naws_secret_access_key=s\n")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(profile))
    put()
    assert [access_key(each) for each in wire.requests] == ["AKIDPROFILE"]


class Issuer:
    """Hands out credentials that end, each time others."""

    def __init__(self) -> None:
        self.issued = 0

    def provider(self) -> AwsCredentialsProvider:
        return AwsCredentialsProvider.new_delegate(self._issue)

    def cached(self) -> AwsCredentialsProvider:
        """As providers do that ask over the network: what was issued is used until it ends."""
        held = self._issue()
        return AwsCredentialsProvider.new_delegate(lambda: held)

    def _issue(self) -> AwsCredentials:
        self.issued += 1
        end = datetime.now(UTC) + timedelta(hours=1)
        return AwsCredentials(f"AKID{self.issued}", "secret", f"token-{self.issued}", end)


def test_every_request_is_signed_with_what_the_provider_has_now(wire: Wire) -> None:
    client = DynamoDB(STEADY, Issuer().provider)
    for _ in range(3):
        client.get_item(TableName="t", Key={})
    assert [access_key(each) for each in wire.requests] == ["AKID1", "AKID2", "AKID3"]


@pytest.mark.parametrize(
    "code", ["ExpiredTokenException", "ExpiredToken", "UnrecognizedClientException"]
)
def test_credentials_that_expired_are_renewed(wire: Wire, code: str) -> None:
    client = DynamoDB(STEADY, Issuer().cached, sleep=lambda _: None)
    wire.says(answer(), refusal(code), answer())
    client.get_item(TableName="t", Key={})
    client.get_item(TableName="t", Key={})
    assert [access_key(each) for each in wire.requests] == ["AKID1", "AKID1", "AKID2"]
    assert wire.requests[2].headers["x-amz-security-token"] == "token-2"


def test_credentials_that_nobody_believes_are_given_up(wire: Wire) -> None:
    wire.says(refusal("UnrecognizedClientException"))
    with pytest.raises(Refused, match="UnrecognizedClient"):
        DynamoDB(STEADY, Issuer().cached, sleep=lambda _: None).get_item(TableName="t", Key={})
    assert len(wire.requests) == STEADY.attempts


def test_a_repeated_request_is_signed_anew(wire: Wire) -> None:
    """Its date would be too old one day, and its credentials are."""
    wire.says(answer(500, b""), answer())
    DynamoDB(STEADY, Issuer().provider, sleep=lambda _: None).get_item(TableName="t", Key={})
    assert [access_key(each) for each in wire.requests] == ["AKID1", "AKID2"]


def test_aws_is_told_which_call_of_the_function_this_is(
    wire: Wire, put: Callable[[], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("_X_AMZN_TRACE_ID", "Root=1-2-3")
    put()
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "rank")
    put()
    told = [each.headers.get("x-amzn-trace-id") for each in wire.requests]
    assert told == [None, "Root=1-2-3"]
