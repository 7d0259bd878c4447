"""Who may call, as API Gateway asks."""

from typing import Any

import pytest

from personalizer.domain.access import Place, Slot
from tests.functions.conftest import Service, example


def asked_with(headers: object) -> dict[str, Any]:
    return example("authorize") | {"headers": headers}


@pytest.mark.parametrize("name", ["Ocp-Apim-Subscription-Key", "ocp-apim-subscription-key"])
def test_a_key_opens_its_loop(service: Service, loop: str, name: str) -> None:
    answer = service("authorize", asked_with({name: service.new_key(loop)}))
    assert answer["context"] == {"loop": loop, "role": "manage"}
    assert answer["policyDocument"]["Statement"][0]["Effect"] == "Allow"


@pytest.mark.parametrize("slot", ["rank-1", "rank-2"])
def test_a_key_for_ranking_is_known_as_one(service: Service, loop: str, slot: str) -> None:
    key = service.keyring.create(loop, Slot(slot))
    answer = service("authorize", asked_with({"Ocp-Apim-Subscription-Key": key}))
    assert answer["context"] == {"loop": loop, "role": "rank"}


def test_an_administrators_key_opens_no_loop(service: Service) -> None:
    key = service.keyring.rotate(Place(None, Slot.FIRST))
    answer = service("authorize", asked_with({"Ocp-Apim-Subscription-Key": key}))
    assert answer["context"] == {"role": "admin"}
    assert answer["principalId"] == "admin"


def test_the_answer_holds_for_the_whole_stage_since_it_is_kept(service: Service, loop: str) -> None:
    key = service.new_key(loop)
    (statement,) = service("authorize", asked_with({"Ocp-Apim-Subscription-Key": key}))[
        "policyDocument"
    ]["Statement"]
    assert statement["Action"] == "execute-api:Invoke"
    api = "arn:aws:execute-api:us-east-1:123456789012:a1b2c3d4e5"
    assert statement["Resource"] == f"{api}/v1/*"


@pytest.mark.parametrize(
    "headers", [None, {}, *({"Ocp-Apim-Subscription-Key": key} for key in ("", "wrong", "ü", "*"))]
)
def test_nobody_else_is_let_in(service: Service, headers: object) -> None:
    with pytest.raises(Exception, match=r"^Unauthorized$"):
        service("authorize", asked_with(headers))


def test_the_example_opens_nothing_by_itself(service: Service) -> None:
    with pytest.raises(Exception, match=r"^Unauthorized$"):
        service("authorize", example("authorize"))
