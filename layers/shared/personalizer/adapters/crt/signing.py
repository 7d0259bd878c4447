"""Signatures (version 4), with the credentials that AWS's SDKs would find."""

import os
from collections.abc import Callable

from awscrt.auth import (
    AwsCredentialsProvider,
    AwsSignedBodyHeaderType,
    AwsSigningConfig,
    aws_sign_request,
)
from awscrt.http import HttpRequest

from personalizer.adapters.aws import Unanswered
from personalizer.adapters.crt.connections import bootstrap

PATIENCE_S = 5
"""For whoever hands out credentials, where that is not the environment."""

type Provider = Callable[[], AwsCredentialsProvider]


def usual_provider() -> AwsCredentialsProvider:
    """The environment, on Lambda; elsewhere profiles, containers' and machines' credentials, which
    are renewed before they end."""
    if "AWS_ACCESS_KEY_ID" in os.environ:
        return AwsCredentialsProvider.new_environment()
    return AwsCredentialsProvider.new_default_chain(bootstrap())


class Signer:
    def __init__(self, service: str, region: str, provider: Provider = usual_provider):
        self._service = service
        self._region = region
        self._new_provider = provider
        self._provider: AwsCredentialsProvider | None = None

    def sign(self, request: HttpRequest) -> None:
        """Raises Unanswered if there are no credentials."""
        provider = self._provider = self._provider or self._new_provider()
        try:
            aws_sign_request(request, self._how(provider)).result(PATIENCE_S)
        except Exception as error:
            raise Unanswered(f"no signature: {error}") from error

    def forget(self) -> None:
        """AWS refuses the credentials: the next request asks for others."""
        self._provider = None

    def _how(self, provider: AwsCredentialsProvider) -> AwsSigningConfig:
        """S3 signs paths as they are, and wants to be told the body's hash."""
        s3 = self._service == "s3"
        header = AwsSignedBodyHeaderType
        return AwsSigningConfig(
            credentials_provider=provider,
            region=self._region,
            service=self._service,
            use_double_uri_encode=not s3,
            should_normalize_uri_path=not s3,
            signed_body_header_type=header.X_AMZ_CONTENT_SHA_256 if s3 else header.NONE,
        )
