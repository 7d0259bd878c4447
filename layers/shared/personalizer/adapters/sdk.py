"""Clients of boto3, AWS's SDK, which speaks to every service: to import it takes half a second."""

from typing import Any

import boto3
from botocore.config import Config

from personalizer.adapters.aws import PATIENT, Patience

THREADS = 32
"""So many may use a client at once."""


def client(service: Any, patience: Patience = PATIENT) -> Any:
    return boto3.client(service, config=_config(patience))


def signing_client(service: Any, patience: Patience = PATIENT) -> Any:
    """For links: S3 refuses older signatures where KMS encrypts."""
    return boto3.client(service, config=_config(patience).merge(Config(signature_version="s3v4")))


def _config(patience: Patience) -> Config:
    return Config(
        connect_timeout=patience.connect_s,
        read_timeout=patience.read_s,
        retries={"mode": "standard", "total_max_attempts": patience.attempts},
        max_pool_connections=THREADS,
    )
