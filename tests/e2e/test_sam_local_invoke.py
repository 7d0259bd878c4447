"""Functions as `sam local invoke` runs them: in a container, from the built template.

Skipped, with a reason, where no Docker engine runs and none can be started."""

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager

import pytest

from cli.local import places, stack
from personalizer import records
from personalizer.domain.hub import Joined
from tests.e2e import docker_engine, sam_local, storage
from tests.e2e.docker_engine import Engine, Missing
from tests.e2e.sam_local import SamLocal
from tests.e2e.storage import Storage
from tests.template.cloudformation import Template

EVENTS = places.ROOT / "events"


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with _or_skip(docker_engine.engine(places.LOCAL / "docker")) as engine:
        yield engine


@pytest.fixture(scope="module")
def data(template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storage]:
    with storage.opened(tmp_path_factory.mktemp("storage"), template) as opened:
        opened.new_key()
        yield opened


@pytest.fixture(scope="module")
def invoke(
    engine: Engine, data: Storage, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SamLocal]:
    stack.build(data.lab.port)
    with _or_skip(sam_local.ready(engine, data, tmp_path_factory.mktemp("sam"))) as invoke:
        yield invoke


def test_rank_keeps_the_event_that_it_answers(invoke: SamLocal, data: Storage) -> None:
    answer = invoke("RankFunction", EVENTS / "rank.json")

    assert answer.get("statusCode") == 201
    assert data.event(json.loads(answer["body"])["eventId"])["st"] == {"S": "P"}


def test_authorize_raises_what_the_gateway_turns_into_a_401(invoke: SamLocal) -> None:
    error = invoke("AuthorizeFunction", EVENTS / "authorize.json")

    assert (error["errorType"], error["errorMessage"]) == ("Exception", "Unauthorized")


def test_relay_publishes_joined_events(invoke: SamLocal, data: Storage) -> None:
    answer = invoke("RelayFunction", EVENTS / "relay.json")

    published = [record for each in data.hub() for record in records.unpack(each)]
    joined = {each.event_id for each in published if isinstance(each, Joined)}
    assert (answer, joined) == (None, {"e-1", "e-2"})


def test_training_commits_a_model(invoke: SamLocal, data: Storage) -> None:
    answer = invoke("TrainingFunction", EVENTS / "training.json")

    [commit] = data.commits()
    assert (answer, commit["trained"]) == (None, 2)


@contextmanager
def _or_skip[T](start: AbstractContextManager[T]) -> Iterator[T]:
    with ExitStack() as started:
        try:
            found = started.enter_context(start)
        except Missing as missing:
            pytest.skip(f"no containers here: {missing}")
        yield found
