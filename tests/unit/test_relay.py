"""Relay: what changed becomes what happened."""

from collections.abc import Sequence

import pytest

from personalizer.adapters.memory import MemoryAudit
from personalizer.domain.hub import Announced, Change, Joined, Record
from personalizer.errors import HubUnavailable
from personalizer.usecases.relay import Relay
from tests.factories import House, a_final_event, an_event


def rewarded() -> House:
    house = House()
    house.reward(house.rank().event_id)
    return house


def test_a_whole_life_is_told_in_order() -> None:
    house = rewarded()
    assert house.relay() == 3
    kinds = [r.kind if isinstance(r, Announced) else "joined" for r in house.hub.records]
    assert kinds == ["ranked", "rewarded", "joined"]


def test_without_announcements_only_the_training_example_is_published() -> None:
    house = rewarded()
    assert house.relay(announce=False) == 1
    assert [type(record) for record in house.hub.records] == [Joined]


def test_a_change_that_means_nothing_publishes_nothing() -> None:
    house = House()
    house.reward("unknown")
    assert (house.relay(), house.hub.records) == (0, [])


def test_a_hub_that_does_not_take_everything_is_a_fault() -> None:
    class Full:
        def publish(self, records: Sequence[Record]) -> None:
            raise HubUnavailable("try again")

    with pytest.raises(HubUnavailable):
        Relay(Full(), MemoryAudit(), announce=True)([Change(an_event(), a_final_event(), 1)])
