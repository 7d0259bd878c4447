"""A client over awscrt, and a server that misbehaves as it is told."""

from collections.abc import Callable, Iterator

import pytest

from personalizer.adapters.aws import Patience
from personalizer.adapters.crt import DynamoDB
from tests import wire as wires
from tests.stack import REGION
from tests.wire import Wire

SHORT = Patience(connect_s=0.2, read_s=0.2, attempts=3)
"""For servers that do not answer."""
STEADY = Patience(connect_s=20, read_s=20, attempts=3)
"""For servers that do, however busy this machine is."""


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Iterator[Wire]:
    with wires.opened() as wire:
        monkeypatch.setenv("AWS_ENDPOINT_URL", wire.url)
        monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        monkeypatch.delenv("AWS_SESSION_TOKEN", raising=False)
        yield wire


@pytest.fixture
def pauses() -> list[float]:
    """Between attempts; nobody waits for them."""
    return []


@pytest.fixture
def patience() -> Patience:
    return STEADY


@pytest.fixture
def dynamodb(wire: Wire, patience: Patience, pauses: list[float]) -> DynamoDB:
    return DynamoDB(patience, sleep=pauses.append)


@pytest.fixture
def put(dynamodb: DynamoDB) -> Callable[[], object]:
    return lambda: dynamodb.put_item(TableName="t", Item={"pk": {"S": "a"}})
