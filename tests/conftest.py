"""What tests of more than one kind need."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings
from moto import mock_aws  # before any handler: clients made earlier would reach the network

from tests import stack
from tests.stack import REGION
from tests.template.cloudformation import Template

# The same examples every time, and no clock: neither luck nor a busy machine fails a test.
settings.register_profile("steady", derandomize=True, database=None, deadline=None)
settings.load_profile("steady")


@pytest.fixture(scope="session")
def template() -> Template:
    return Template.read()


@pytest.fixture(scope="session")
def aws() -> Iterator[None]:
    """AWS in this process. Whoever needs a table or a bucket makes one of their own in it."""
    with mock_aws():
        os.environ["AWS_DEFAULT_REGION"] = REGION
        yield


@pytest.fixture(scope="session")
def aws_url(aws: None) -> Iterator[str]:
    """Where the same AWS listens, for clients that are not boto3's."""
    with stack.listening() as url:
        yield url
