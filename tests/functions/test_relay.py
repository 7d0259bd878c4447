"""The events table's stream, as Lambda delivers it."""

import copy
import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from personalizer.domain.event import Why
from personalizer.domain.hub import Announced, Joined
from personalizer.errors import HubUnavailable
from tests import stack
from tests.functions.conftest import Service, example


def published(service: Service, event: dict[str, Any]) -> list[Announced | Joined]:
    """What the hub has got from this event."""
    before = len(service.hub())
    service("relay", event)
    return service.hub()[before:]


@pytest.fixture
def without_hub(service: Service) -> Iterator[None]:
    kinesis, name = stack.client("kinesis"), service.environment["HUB_STREAM"]
    kinesis.delete_stream(StreamName=name)
    yield
    kinesis.create_stream(StreamName=name, ShardCount=1)


def test_what_happened_to_events_is_on_the_hub_in_order(service: Service) -> None:
    found = published(service, example("relay"))
    kinds = [r.kind if isinstance(r, Announced) else r.why.value for r in found]
    assert kinds == ["ranked", "ranked", "rewarded", "reward", "ttl"]


def test_an_event_that_ttl_deleted_is_joined_with_its_default_reward(service: Service) -> None:
    (removal,) = [r for r in example("relay")["Records"] if r["eventName"] == "REMOVE"]
    (joined,) = published(service, {"Records": [removal]})
    assert isinstance(joined, Joined)
    assert (joined.reward, joined.observed, joined.why) == (Decimal(0), False, Why.TTL)
    assert joined.final_at == removal["dynamodb"]["ApproximateCreationDateTime"] * 1000


def test_an_event_that_an_operator_deleted_is_gone(service: Service) -> None:
    (removal,) = [r for r in example("relay")["Records"] if r["eventName"] == "REMOVE"]
    del removal["userIdentity"]
    assert published(service, {"Records": [removal]}) == []


@pytest.mark.parametrize(
    "change",
    [
        {"v": {"N": "99"}},
        {"st": {"S": "?"}},
        {"p": {"B": "x"}},
        {"r": {"N": "no number"}},
        {"gv": {"L": [{"N": "no pair"}]}},
        {"uid": {"N": "1"}},
    ],
)
def test_an_unreadable_record_is_set_aside_and_blocks_no_other(
    service: Service, change: dict[str, Any]
) -> None:
    event = example("relay")
    broken = copy.deepcopy(event["Records"][2])
    broken["eventID"] = f"broken-{json.dumps(change)}".replace("/", "")
    broken["dynamodb"]["NewImage"] |= change
    event["Records"].insert(0, broken)
    assert len(published(service, event)) == 5
    uid = broken["dynamodb"]["OldImage"]["uid"]["S"]
    assert f"quarantine/default/{uid}.{broken['eventID']}.json" in service.quarantined()


@pytest.mark.usefixtures("without_hub")
def test_without_the_hub_the_batch_stays_where_it_is(service: Service) -> None:
    with pytest.raises(HubUnavailable):
        service("relay", example("relay"))
