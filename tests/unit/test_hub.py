"""The one table that decides what a stored change puts on the hub."""

from decimal import Decimal

import pytest

from personalizer.domain.event import Event, Item, State, Stub, Why
from personalizer.domain.hub import Announced, Change, Joined, records
from tests.factories import (
    KEY,
    NOW,
    a_final_event,
    a_keeping_event,
    a_patient_event,
    a_reward,
    a_stub,
    a_uid,
    an_event,
)

AT = NOW + 77
PENDING = an_event()
INACTIVE = an_event(state=State.INACTIVE)
FINAL = a_final_event()
STUB = a_stub(rewards=(a_reward(),))
OTHER = an_event(uid=a_uid(2))


def kinds(old: Item | None, new: Item | None, *, expired: bool = False) -> list[str]:
    found = records(Change(old, new, AT, expired))
    return [record.kind if isinstance(record, Announced) else "joined" for record in found]


def joined(old: Item | None, new: Item | None, *, expired: bool = False) -> Joined:
    [record] = [r for r in records(Change(old, new, AT, expired)) if isinstance(r, Joined)]
    return record


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (None, PENDING, ["ranked"]),
        (None, INACTIVE, ["ranked"]),
        (None, STUB, []),
        (STUB, a_stub(activated=True), []),
        (STUB, PENDING, ["ranked"]),
        (STUB, FINAL, ["ranked", "rewarded", "joined"]),
        (INACTIVE, PENDING, ["activated"]),
        (INACTIVE, a_patient_event(reward=Decimal(1)), ["activated", "rewarded"]),
        (INACTIVE, FINAL, ["activated", "rewarded", "joined"]),
        (PENDING, a_patient_event(reward=Decimal(1)), ["rewarded"]),
        (PENDING, FINAL, ["rewarded", "joined"]),
        (PENDING, a_final_event(reward=None, why=Why.WAIT), ["joined"]),
        (PENDING, PENDING, []),
        (FINAL, FINAL, []),
        (PENDING, OTHER, ["joined", "ranked"]),
        (INACTIVE, OTHER, ["ranked"]),
        (FINAL, OTHER, ["ranked"]),
        (PENDING, a_final_event(uid=a_uid(2)), ["joined", "ranked", "rewarded", "joined"]),
    ],
)
def test_a_write_becomes_what_happened(
    old: Item | None, new: Item | None, expected: list[str]
) -> None:
    assert kinds(old, new) == expected


@pytest.mark.parametrize(
    ("old", "expected"), [(PENDING, ["joined"]), (INACTIVE, []), (FINAL, []), (STUB, [])]
)
def test_ttl_finalises_only_what_was_pending(old: Event | Stub, expected: list[str]) -> None:
    assert kinds(old, None, expired=True) == expected


@pytest.mark.parametrize("old", [PENDING, INACTIVE, FINAL, STUB])
def test_any_other_deletion_is_an_erasure(old: Item) -> None:
    assert kinds(old, None) == []


def test_a_reward_that_leaves_the_sum_as_it_was_is_announced() -> None:
    half = a_patient_event(reward=Decimal("0.5"))
    same = a_patient_event(reward=Decimal("0.50"), reward_keys=frozenset(["k"]))
    assert kinds(half, same) == ["rewarded"]


def test_a_reward_that_leaves_the_median_as_it_was_is_announced() -> None:
    assert kinds(a_keeping_event("0.5"), a_keeping_event("0.5", "0.5")) == ["rewarded"]


def test_a_reward_is_announced_as_what_all_came_to_so_far() -> None:
    [record] = records(Change(a_keeping_event("-0.2"), a_keeping_event("-0.2", "-0.4"), AT))
    assert isinstance(record, Announced)
    assert record.reward == Decimal("-0.3")


@pytest.mark.parametrize(
    ("new", "expired", "why"), [(None, True, Why.TTL), (OTHER, False, Why.SUPERSEDED)]
)
def test_an_event_that_nobody_settled_is_joined_with_what_its_rewards_came_to(
    new: Event | None, expired: bool, why: Why
) -> None:
    record = joined(a_keeping_event("-0.2", "-0.9", "-0.4"), new, expired=expired)
    assert (record.reward, record.observed, record.why) == (Decimal("-0.4"), True, why)


def test_a_joined_event_tells_its_reward_and_why() -> None:
    record = joined(PENDING, FINAL)
    assert (record.reward, record.observed, record.why) == (Decimal(1), True, Why.REWARD)
    assert record.final_at == FINAL.final_at


def test_a_default_reward_is_not_observed() -> None:
    final = a_final_event(reward=None, default_reward=Decimal("-0.1"), why=Why.WAIT)
    record = joined(PENDING, final)
    assert (record.reward, record.observed, record.why) == (Decimal("-0.1"), False, Why.WAIT)


def test_ttl_finalises_at_the_time_of_the_deletion() -> None:
    record = joined(PENDING, None, expired=True)
    assert (record.final_at, record.why, record.observed) == (AT, Why.TTL, False)


def test_ttl_keeps_the_rewards_so_far() -> None:
    record = joined(a_patient_event(reward=Decimal("0.4")), None, expired=True)
    assert (record.reward, record.observed) == (Decimal("0.4"), True)


def test_a_superseded_event_is_the_old_one_with_its_rewards_so_far() -> None:
    record = joined(a_patient_event(reward=Decimal("0.4")), OTHER)
    assert (record.uid, record.reward, record.why) == (a_uid(1), Decimal("0.4"), Why.SUPERSEDED)


def test_an_announcement_has_ids_and_numbers_only() -> None:
    [record] = records(Change(PENDING, a_patient_event(reward=Decimal("0.4")), AT))
    expected = Announced("rewarded", KEY.loop, KEY.event_id, a_uid(1), AT, 3, Decimal("0.4"))
    assert record == expected
