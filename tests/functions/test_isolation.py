"""No key reaches another loop: two loops, every function, and whatever a caller can send."""

import base64
import json
import uuid
from dataclasses import dataclass
from itertools import product
from typing import Any
from urllib.parse import quote

import pytest

from personalizer import records
from personalizer.domain.access import Place, Slot
from personalizer.domain.event import Event, State, Stub
from tests.factories import a_body, a_joined, a_uid
from tests.functions.conftest import Service, example

RANK, REWARD, ACTIVATE = "rank", "reward", "activate"
OF_EVENTS = (RANK, REWARD, ACTIVATE)


@dataclass
class Caller:
    """Has a key and nothing else: who that is, the authorizer says."""

    service: Service
    key: str

    def __call__(self, function: str, body: object = None, **changes: Any) -> int:
        """The status of the answer."""
        event = example(function) | changes
        context = self.service.opened(self.key)
        assert context is not None
        event["requestContext"]["authorizer"] = context | {"principalId": "whoever"}
        event["body"] = None if body is None else json.dumps(body)
        status: int = self.service(function, event)["statusCode"]
        return status

    def rank(self, event_id: str, **changes: Any) -> int:
        return self(RANK, a_body(eventId=event_id, deferActivation=True), **changes)

    def reward(self, event_id: str, **changes: Any) -> int:
        return self(REWARD, {"value": 1}, **to(event_id), **changes)

    def activate(self, event_id: str, **changes: Any) -> int:
        return self(ACTIVATE, **to(event_id), **changes)


def to(event_id: str) -> dict[str, Any]:
    return {"pathParameters": {"version": "v1.0", "eventId": quote(event_id, safe="")}}


@pytest.fixture
def mine(service: Service) -> str:
    return service.new_loop()


@pytest.fixture
def theirs(service: Service, mine: str) -> str:
    """A loop whose name begins like mine."""
    return service.new_loop(name=f"{mine}-{uuid.uuid4().hex[:4]}")


@pytest.fixture
def me(service: Service, mine: str) -> Caller:
    return Caller(service, service.new_key(mine))


@pytest.fixture
def they(service: Service, theirs: str) -> Caller:
    return Caller(service, service.new_key(theirs))


ODD_IDS = [
    "e",
    "#e",
    "{theirs}",
    "{theirs}#e",
    "#{theirs}#e",
    "../{theirs}/e",
    "loop={theirs}/e",
    "/{theirs}#e",
    "loop#{theirs}",
    "{theirs}%23e",
    "e\x00{theirs}",
]


@pytest.mark.parametrize("odd", ODD_IDS)
def test_no_event_id_leads_into_another_loop(
    service: Service, mine: str, theirs: str, me: Caller, they: Caller, odd: str
) -> None:
    event_id = odd.format(theirs=theirs)
    for of_them in ("e", event_id):
        they.rank(of_them)
    before = written(service, theirs)

    assert (me.rank(event_id), me.activate(event_id), me.reward(event_id)) == (201, 204, 204)

    assert written(service, theirs) == before
    assert service.event(mine, event_id).state is State.FINAL


def test_a_reward_of_another_loops_event_waits_in_ones_own(
    service: Service, mine: str, theirs: str, me: Caller, they: Caller
) -> None:
    they.rank("e")
    me.reward("e")
    assert isinstance(service.item(mine, "e"), Stub)
    assert service.event(theirs, "e").state is State.INACTIVE


FORGED_HEADERS = [
    "loop",
    "Loop",
    "X-Loop",
    "authorizer",
    "X-Amzn-Authorizer-Loop",
    "X-Amz-Authorizer-Context-Loop",
    "x-amzn-apigateway-authorizer-loop",
    "principalId",
]


@pytest.mark.parametrize(("function", "header"), [*product(OF_EVENTS, FORGED_HEADERS)])
def test_no_header_leads_into_another_loop(
    service: Service, theirs: str, me: Caller, function: str, header: str
) -> None:
    forged = example(function)["headers"] | {header: theirs}
    call = {RANK: me.rank, REWARD: me.reward, ACTIVATE: me.activate}[function]
    assert call("e", headers=forged, multiValueHeaders={header: [theirs]}) in (201, 204)
    assert written(service, theirs) == []


@pytest.mark.parametrize("place", ["queryStringParameters", "stageVariables", "authorizer", "body"])
def test_nothing_else_in_a_request_leads_into_another_loop(
    service: Service, mine: str, theirs: str, me: Caller, place: str
) -> None:
    other = {"loop": theirs, "role": "admin", "authorizer": {"loop": theirs}}
    changes = {} if place == "body" else {place: other}
    assert me(RANK, a_body(eventId="e") | other, **changes) == 201
    assert written(service, theirs) == []
    assert isinstance(service.item(mine, "e"), Event)


def test_settings_are_changed_of_ones_own_loop_alone(
    service: Service, mine: str, theirs: str, me: Caller
) -> None:
    before = service.loops.state(theirs)
    settings = {
        "rewardWaitTime": "PT1H",
        "defaultReward": 0.5,
        "rewardAggregation": "sum",
        "explorationPercentage": 0.1,
        "modelExportFrequency": "PT1M",
        "logRetentionDays": 30,
        "loop": theirs,
    }
    path = "/personalizer/v1.0/configurations/service"
    assert me("management", settings, httpMethod="PUT", path=path) == 200
    assert service.loops.state(mine).configuration.reward_wait_ms == 3_600_000
    assert service.loops.state(theirs) == before


@pytest.mark.parametrize(
    ("function", "slot", "status"),
    [
        *product(OF_EVENTS, [Slot.FIRST, Slot.SECOND, Slot.RANK_FIRST, Slot.RANK_SECOND], [204]),
        *product(["management"], [Slot.FIRST, Slot.SECOND], [200]),
        *product(["management"], [Slot.RANK_FIRST, Slot.RANK_SECOND], [403]),
        *product(["loops"], [*Slot], [403]),
    ],
)
def test_a_loops_key_opens_what_its_slot_is_for(
    service: Service, mine: str, function: str, slot: Slot, status: int
) -> None:
    caller = Caller(service, service.keyring.create(mine, slot))
    called = {RANK: a_body(), REWARD: {"value": 1}}
    assert caller(function, called.get(function)) == (201 if function == RANK else status)


@pytest.mark.parametrize("function", [*OF_EVENTS, "management"])
def test_an_administrator_reaches_no_loops_events_or_settings(
    service: Service, function: str
) -> None:
    administrator = Caller(service, service.keyring.rotate(Place(None, Slot.FIRST)))
    assert administrator(function, a_body()) == 403


def test_a_loop_that_is_deleted_takes_no_other_with_it(
    service: Service, mine: str, theirs: str, they: Caller
) -> None:
    administrator = Caller(service, service.keyring.rotate(Place(None, Slot.SECOND)))
    path = f"/loops/{mine}"
    assert administrator("loops", httpMethod="DELETE", path=path) == 204
    assert they.rank("e") == 201
    assert service.loops.state(theirs)


def test_a_loop_learns_from_its_own_events_alone(service: Service, mine: str, theirs: str) -> None:
    joined = [a_joined(number, loop=mine, uid=a_uid(number)) for number in range(3)]
    packs = enumerate(records.pack(joined))
    service("training", {"Records": [delivered(number, pack) for number, pack in packs]})
    assert (service.head(mine).generation, service.head(theirs).generation) == (1, 0)


def delivered(number: int, data: bytes) -> dict[str, Any]:
    record: dict[str, Any] = example("training")["Records"][0]
    kinesis = {"sequenceNumber": str(number), "data": base64.b64encode(data).decode()}
    return record | {"kinesis": record["kinesis"] | kinesis}


def written(service: Service, loop: str) -> list[Any]:
    """All that is stored of a loop's events."""
    return list(service.events.of(loop))
