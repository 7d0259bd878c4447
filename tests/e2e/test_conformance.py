"""Every operation of every version, asked what its specification allows and what it forbids.

No answer is a server error, each has a status that the contract names for that operation, and its
body is what the specification says.
"""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import CheckFunction
from schemathesis.specs.openapi.checks import response_schema_conformance

from cli.local import loop as loops
from cli.local.loop import Loop
from tests.e2e import specs

EXAMPLES = 8
"""Of requests that the specification allows, and as many that it forbids, for each operation."""

REFUSED = {400}
DISABLED = {403}
ABSENT = {404}
MULTI_SLOT = {400}

STATUSES = {
    ("post", "/rank"): {201} | REFUSED,
    ("post", "/events/{eventId}/reward"): {204} | REFUSED,
    ("post", "/events/{eventId}/activate"): {204} | REFUSED,
    ("post", "/multislot/rank"): MULTI_SLOT,
    ("post", "/multislot/events/{eventId}/reward"): MULTI_SLOT,
    ("post", "/multislot/events/{eventId}/activate"): MULTI_SLOT,
    ("get", "/configurations/service"): {200},
    ("put", "/configurations/service"): {200} | REFUSED,
    ("get", "/configurations/policy"): {200},
    ("put", "/configurations/policy"): {200} | REFUSED,
    ("delete", "/configurations/policy"): {200},
    ("post", "/configurations/applyFromEvaluation"): ABSENT | REFUSED,
    ("get", "/evaluations"): {200} | REFUSED,
    ("post", "/evaluations"): {201} | REFUSED,
    ("put", "/evaluations/{evaluationId}"): {200} | REFUSED,
    ("get", "/evaluations/{evaluationId}"): ABSENT,
    ("delete", "/evaluations/{evaluationId}"): ABSENT,
    ("get", "/featureImportances"): {200} | REFUSED,
    ("put", "/featureImportances/{featureImportanceId}"): {200} | REFUSED,
    ("get", "/featureImportances/{featureImportanceId}"): ABSENT,
    ("delete", "/featureImportances/{featureImportanceId}"): ABSENT,
    ("delete", "/logs"): {204},
    ("get", "/logs/properties"): {200},
    ("post", "/logs/interactions"): DISABLED,
    ("post", "/logs/observations"): DISABLED,
    ("get", "/model"): {200},
    ("put", "/model"): {204} | REFUSED,
    ("delete", "/model"): {204},
    ("get", "/model/properties"): {200},
}
"""What the contract's errors leave for each operation: 401 and 429 come before it is reached."""

SHAPE: list[CheckFunction] = [response_schema_conformance]


@pytest.fixture(scope="module")
def loop(local: None) -> Loop:
    """Settings, policies and models of it are changed at random."""
    return loops.new("conformance")


@pytest.fixture(scope="module")
def caller(loop: Loop) -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False  # a proxy has no business between this machine and itself
        session.headers["Ocp-Apim-Subscription-Key"] = loop.key
        yield session


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("version", specs.VERSIONS)
def test_every_operation_answers_as_its_specification_says(
    loop: Loop, caller: requests.Session, version: str, mode: GenerationMode
) -> None:
    spec = specs.load(version)
    schema: Any = schemathesis.openapi.from_dict(spec)
    operations = [each.ok() for each in schema.get_all_operations()]
    assert operations
    for operation in operations:
        _ask(caller, f"{loop.url}{spec['basePath']}", operation, mode)


def _ask(caller: requests.Session, base: str, operation: Any, mode: GenerationMode) -> None:
    allowed = STATUSES[operation.method, operation.path]

    @settings(max_examples=EXAMPLES, phases=[Phase.generate], suppress_health_check=[*HealthCheck])
    @given(operation.as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        answer = case.call(base_url=base, session=caller)
        assert answer.status_code in allowed, (operation.label, answer.status_code, answer.text)
        case.validate_response(answer, checks=SHAPE)

    with suppress(Unsatisfiable):  # there is nothing in this operation to get wrong
        ask()
