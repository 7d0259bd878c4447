"""What a cold start of the API's functions does not wait for."""

import os
import subprocess
import sys

import pytest

from benchmarks.handler import ENVIRONMENT
from tests.functions.conftest import HOT
from tests.template.cloudformation import ROOT

SDK = {"boto3", "botocore.session", "botocore.client", "botocore.exceptions"}
BEHIND = {"kinesis", "kms", "cloudformation"}
"""Adapters of what is called by the functions behind the API."""


def imported(function: str, transport: str = "crt") -> set[str]:
    """By a new interpreter, with the function."""
    program = "import app, sys; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT / "functions" / function,
        env=os.environ | ENVIRONMENT | {"TRANSPORT": transport},
        check=True,
        capture_output=True,
        text=True,
    )
    return set(done.stdout.split())


@pytest.mark.parametrize("function", HOT)
def test_the_api_does_without_the_sdk(function: str) -> None:
    modules = imported(function)
    assert not modules & SDK
    assert "awscrt.http" in modules


@pytest.mark.parametrize("function", HOT)
def test_with_the_other_transport_the_api_uses_the_sdk(function: str) -> None:
    modules = imported(function, "boto3")
    assert modules >= {"boto3", "botocore.client"}
    assert "personalizer.adapters.crt" not in modules


@pytest.mark.parametrize("function", ["authorize", "reward", "activate"])
def test_only_rank_waits_for_the_engine(function: str) -> None:
    assert not imported(function) & {"pylibvw", "personalizer.adapters.vw"}


@pytest.mark.parametrize("function", HOT)
def test_the_api_imports_nothing_of_what_happens_behind_it(function: str) -> None:
    assert not imported(function) & {f"personalizer.adapters.{name}" for name in BEHIND}
