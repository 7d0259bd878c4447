"""Every function, as `sam build` left it, under AWS's own runtime interface client."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from typing import Any

import pytest

from cli.local import places, stack
from personalizer import records
from personalizer.domain.hub import Joined
from tests.e2e import rie, storage
from tests.e2e.storage import Storage
from tests.template.cloudformation import Template

type Json = dict[str, Any]
type Invoke = Callable[[str, Json], Any]


@pytest.fixture(scope="session")
def data(template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storage]:
    with storage.opened(tmp_path_factory.mktemp("storage"), template) as opened:
        opened.new_key()
        yield opened


@pytest.fixture(scope="session")
def invoke(data: Storage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Invoke]:
    """Calls a function by its name; it starts with its first call and is warm from then on."""
    logs = tmp_path_factory.mktemp("logs")
    stack.build(data.lab.port)
    variables = data.variables(f"http://127.0.0.1:{data.lab.port}")
    with ExitStack() as started:

        @cache
        def function(name: str) -> rie.Function:
            resource, layers = f"{name.capitalize()}Function", _layers(data.template, name)
            log = logs / f"{name}.log"
            return started.enter_context(rie.running(resource, layers, variables, log))

        yield lambda name, event: function(name)(event)


def test_authorize_lets_a_key_do_everything_in_its_loop(invoke: Invoke, data: Storage) -> None:
    policy = invoke("authorize", _with_key(data.new_key()))

    [statement] = policy["policyDocument"]["Statement"]
    assert statement["Effect"] == "Allow"
    assert policy["context"] == {"loop": "default", "role": "manage"}


def test_authorize_raises_what_the_gateway_turns_into_a_401(invoke: Invoke) -> None:
    error = invoke("authorize", _with_key("nobody's"))

    assert error["errorMessage"] == "Unauthorized"
    assert error["errorType"] == "Exception"
    assert error.keys() == {"errorMessage", "errorType", "requestId", "stackTrace"}


def test_rank_keeps_the_event_that_it_answers(invoke: Invoke, data: Storage) -> None:
    answer = invoke("rank", _event("rank"))

    assert answer.get("statusCode") == 201
    assert data.event(json.loads(answer["body"])["eventId"])["st"] == {"S": "P"}


@pytest.mark.parametrize("name", ["reward", "activate"])
def test_reward_and_activate_take_what_they_do_not_know(invoke: Invoke, name: str) -> None:
    assert invoke(name, _event(name))["statusCode"] == 204


def test_management_tells_its_status(invoke: Invoke) -> None:
    assert invoke("management", _event("management"))["statusCode"] == 200


def test_management_answers_for_paths_that_are_not_there(invoke: Invoke) -> None:
    answer = invoke("management", _event("management") | {"path": "/personalizer/v1.0/nothing"})

    assert answer["statusCode"] == 404
    assert json.loads(answer["body"])["error"]["code"] == "ResourceNotFound"


def test_relay_publishes_joined_events(invoke: Invoke, data: Storage) -> None:
    answer = invoke("relay", _event("relay"))

    published = [record for each in data.hub() for record in records.unpack(each)]
    joined = {each.event_id for each in published if isinstance(each, Joined)}
    assert (answer, joined) == (None, {"e-1", "e-2"})


def test_training_commits_a_model(invoke: Invoke, data: Storage) -> None:
    answer = invoke("training", _event("training"))

    [commit] = data.commits()
    assert (answer, commit["trained"]) == (None, 2)


def test_expire_answers_nothing(invoke: Invoke) -> None:
    assert invoke("expire", _event("expire")) is None


def test_retention_answers_nothing(invoke: Invoke) -> None:
    assert invoke("retention", _event("retention")) is None


def test_only_the_layers_bring_packages() -> None:
    assert rie.installed() == {"awslambdaric", "simplejson", "snapshot-restore-py"}


def _event(name: str) -> Json:
    event: Json = json.loads((places.ROOT / "events" / f"{name}.json").read_text())
    return event


def _with_key(key: str) -> Json:
    event = _event("authorize")
    return event | {"headers": {**event["headers"], "Ocp-Apim-Subscription-Key": key}}


def _layers(template: Template, name: str) -> list[str]:
    everyone = template.document["Globals"]["Function"]["Layers"]
    own = template.functions()[name].get("Layers", [])
    return [layer["Ref"] for layer in everyone + own]
