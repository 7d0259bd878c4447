"""What every store of pending events promises."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from personalizer.adapters.dynamodb import DynamoEvents
from personalizer.adapters.memory import MemoryEvents
from personalizer.domain.event import (
    CLOCK_SKEW_MS,
    OF_ALL,
    Aggregation,
    Event,
    Given,
    Key,
    State,
    Stub,
    Why,
)
from personalizer.domain.transitions import EARLY_WINDOW_MS, MAX_REWARDS
from personalizer.ports import Events
from tests.aggregates import aggregate
from tests.contract.clients import Atomic
from tests.contract.conftest import SHARDS
from tests.factories import (
    KEY,
    NOW,
    WAIT,
    a_keeping_event,
    a_patient_event,
    a_reward,
    a_uid,
    an_event,
)

MINUTE = 60_000
OVER = NOW + WAIT + CLOCK_SKEW_MS
ODD_IDS = ["#", "a#b", "a/b", "a%2Fb", " ", "ü", "😀" * 256, "x" * 256]


def stored(events: Events, key: Key = KEY) -> Event:
    found = events.get(key)
    assert isinstance(found, Event)
    return found


def stub(events: Events) -> Stub:
    found = events.get(KEY)
    assert isinstance(found, Stub)
    return found


# ------------------------------------------------------------------------ rank


@pytest.mark.parametrize("make", [an_event, a_patient_event])
@pytest.mark.parametrize("state", [State.PENDING, State.INACTIVE])
def test_a_ranked_event_is_stored_as_it_is(
    events: Events, make: Callable[..., Event], state: State
) -> None:
    event = make(state=state, default_reward=Decimal("-0.25"), request_hash=b"\x00\xff")
    assert events.rank(event) == event
    assert events.get(KEY) == event


def test_an_event_that_nobody_ranked_is_not_there(events: Events) -> None:
    assert events.get(KEY) is None


@pytest.mark.parametrize("event_id", ODD_IDS)
def test_any_event_id_comes_back_as_it_was(events: Events, event_id: str) -> None:
    event = events.rank(an_event(key=Key("default", event_id)))
    assert events.get(event.key) == event
    assert events.reward(event.key, a_reward())


def test_loops_do_not_see_each_others_events(events: Events) -> None:
    events.rank(an_event())
    assert events.get(Key("other", KEY.event_id)) is None


def test_the_same_rank_again_is_answered_by_the_stored_event(events: Events) -> None:
    first = events.rank(an_event())
    again = an_event(uid=a_uid(2), ranked_at=NOW + 1, deadline=NOW + 1 + WAIT)
    assert events.rank(again) == first
    assert events.get(KEY) == first


def test_a_retry_after_the_reward_is_answered_by_the_final_event(events: Events) -> None:
    events.rank(an_event())
    events.reward(KEY, a_reward())
    found = events.rank(an_event(uid=a_uid(2), ranked_at=NOW + 2))
    assert (found.uid, found.state) == (a_uid(1), State.FINAL)


def test_another_rank_with_the_same_id_replaces_the_event(events: Events) -> None:
    events.rank(an_event())
    other = an_event(uid=a_uid(2), request_hash=b"other", ranked_at=NOW + 1)
    stored_event = events.rank(other)
    assert stored_event == replace(other, uid=stored_event.uid) == events.get(KEY)


def test_the_same_rank_after_the_wait_is_a_new_event(events: Events) -> None:
    events.rank(an_event())
    late = an_event(uid=a_uid(2), ranked_at=NOW + WAIT, deadline=NOW + 2 * WAIT)
    assert events.rank(late).ranked_at == NOW + WAIT


# ---------------------------------------------------------------------- reward


def test_the_first_reward_settles(events: Events) -> None:
    events.rank(an_event())
    assert events.reward(KEY, a_reward("0.5", at=NOW + 9))
    assert stored(events) == an_event(
        state=State.FINAL, reward=Decimal("0.5"), final_at=NOW + 9, why=Why.REWARD
    )


def test_a_second_reward_changes_nothing(events: Events) -> None:
    events.rank(an_event())
    events.reward(KEY, a_reward("0.5"))
    assert not events.reward(KEY, a_reward("1", key="k-2"))
    assert stored(events).reward == Decimal("0.5")


def test_rewards_add_up_exactly(events: Events) -> None:
    events.rank(a_patient_event())
    for number in range(3):
        assert events.reward(KEY, a_reward("0.1", key=f"k-{number}"))
    assert stored(events) == a_patient_event(
        reward=Decimal("0.3"), reward_keys=frozenset({"k-0", "k-1", "k-2"})
    )


@pytest.mark.parametrize("aggregation", OF_ALL)
def test_rewards_are_all_kept_where_all_are_needed(
    events: Events, aggregation: Aggregation
) -> None:
    events.rank(a_keeping_event(aggregation=aggregation))
    for number, value in enumerate(["-0.3", "-0.9", "-0.3"]):
        assert events.reward(KEY, a_reward(value, key=f"k-{number}"))
    assert stored(events) == a_keeping_event("-0.3", "-0.9", "-0.3", aggregation=aggregation)


@pytest.mark.parametrize("make", [a_patient_event, a_keeping_event])
def test_a_reward_with_a_known_key_does_not_count_twice(
    events: Events, make: Callable[..., Event]
) -> None:
    events.rank(make())
    events.reward(KEY, a_reward(1))
    once = stored(events)
    assert not events.reward(KEY, a_reward(1))
    assert stored(events) == once


@pytest.mark.parametrize("make", [a_patient_event, a_keeping_event])
def test_an_event_takes_no_more_rewards_than_it_may(
    events: Events, make: Callable[..., Event]
) -> None:
    keys = frozenset(f"k-{number}" for number in range(MAX_REWARDS - 1))
    events.rank(make(reward_keys=keys))
    assert events.reward(KEY, a_reward(1, key="the last"))
    assert not events.reward(KEY, a_reward("0.5", key="one more"))
    assert stored(events).earned == 1


def test_the_earliest_reward_stands_while_learning_waits(events: Events) -> None:
    events.rank(an_event(settles_early=False))
    assert events.reward(KEY, a_reward("0.5"))
    events.reward(KEY, a_reward(1, key="k-2"))
    assert (stored(events).state, stored(events).reward) == (State.PENDING, Decimal("0.5"))


@pytest.mark.parametrize("make", [an_event, a_patient_event, a_keeping_event])
@pytest.mark.parametrize(("at", "counts"), [(WAIT - 1, True), (WAIT, False)])
def test_a_reward_counts_until_the_wait_is_over(
    events: Events, make: Callable[..., Event], at: int, counts: bool
) -> None:
    events.rank(make())
    assert events.reward(KEY, a_reward(at=NOW + at)) is counts
    assert (stored(events).earned is not None) is counts


@pytest.mark.parametrize("make", [a_patient_event, a_keeping_event])
def test_a_reward_activates_a_deferred_event(events: Events, make: Callable[..., Event]) -> None:
    events.rank(make(state=State.INACTIVE))
    assert events.reward(KEY, a_reward())
    assert stored(events).state is State.PENDING


def test_a_reward_settles_a_deferred_event(events: Events) -> None:
    events.rank(an_event(state=State.INACTIVE))
    assert events.reward(KEY, a_reward())
    assert stored(events).state is State.FINAL


def test_a_reward_may_come_before_its_rank(events: Events) -> None:
    assert events.reward(KEY, a_reward("0.5", at=NOW - 9))
    assert stub(events) == Stub(KEY, NOW - 9 + EARLY_WINDOW_MS, (a_reward("0.5", at=NOW - 9),))
    assert events.rank(an_event()).reward == Decimal("0.5")
    assert stored(events).state is State.FINAL


def test_early_rewards_add_up(events: Events) -> None:
    for number in range(3):
        assert events.reward(KEY, a_reward("0.1", at=NOW - 9, key=f"k-{number}"))
    events.rank(a_patient_event())
    assert stored(events).reward == Decimal("0.3")


def test_early_rewards_are_all_kept_where_all_are_needed(events: Events) -> None:
    for number, value in enumerate(["-0.3", "-0.9"]):
        events.reward(KEY, a_reward(value, at=NOW - 9, key=f"k-{number}"))
    events.rank(a_keeping_event())
    events.reward(KEY, a_reward("-0.6", key="k-2"))
    assert stored(events).given == (
        Given(NOW, Decimal("-0.3")),
        Given(NOW, Decimal("-0.9")),
        Given(NOW + 1, Decimal("-0.6")),
    )
    assert stored(events).earned == Decimal("-0.6")


def test_an_early_reward_with_a_known_key_does_not_count_twice(events: Events) -> None:
    assert events.reward(KEY, a_reward(at=NOW - 9))
    assert not events.reward(KEY, a_reward(at=NOW - 8))
    assert len(stub(events).rewards) == 1


def test_a_reward_that_came_much_too_early_is_forgotten(events: Events) -> None:
    events.reward(KEY, a_reward(at=NOW - EARLY_WINDOW_MS))
    assert events.rank(an_event()) == an_event()


def test_a_forgotten_early_reward_gives_way_to_the_next(events: Events) -> None:
    events.reward(KEY, a_reward(1, at=NOW - EARLY_WINDOW_MS))
    events.reward(KEY, a_reward("0.5", at=NOW, key="k-2"))
    assert [reward.key for reward in stub(events).rewards] == ["k-2"]


def test_of_many_rewards_at_once_one_wins(safe_events: Events) -> None:
    safe_events.rank(an_event())
    rewards = [a_reward(f"0.{number}", key=f"k-{number}") for number in range(1, 9)]
    with ThreadPoolExecutor(8) as threads:
        won = list(threads.map(lambda reward: safe_events.reward(KEY, reward), rewards))
    assert won.count(True) == 1
    assert stored(safe_events).reward == rewards[won.index(True)].value


def test_of_many_rewards_at_once_none_is_lost_from_the_sum(safe_events: Events) -> None:
    safe_events.rank(a_patient_event())
    rewards = [a_reward("0.1", key=f"k-{number}") for number in range(8)]
    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(lambda reward: safe_events.reward(KEY, reward), rewards))
    assert stored(safe_events).reward == Decimal("0.8")


def test_of_many_rewards_at_once_none_is_lost_where_all_are_needed(safe_events: Events) -> None:
    safe_events.rank(a_keeping_event())
    rewards = [a_reward(f"0.{number}", key=f"k-{number}") for number in range(8)]
    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(lambda reward: safe_events.reward(KEY, reward), rewards))
    assert {given.value for given in stored(safe_events).given} == {r.value for r in rewards}


def test_of_many_early_rewards_at_once_none_is_lost(safe_events: Events) -> None:
    rewards = [a_reward("0.1", at=NOW - 9, key=f"k-{number}") for number in range(4)]
    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(lambda reward: safe_events.reward(KEY, reward), rewards))
    assert safe_events.rank(a_patient_event()).reward == Decimal("0.4")


@pytest.fixture(params=["memory", "dynamodb", "crt_dynamodb"])
def safe_events(request: pytest.FixtureRequest) -> Events:
    """A store for many threads at once."""
    if request.param == "memory":
        return MemoryEvents()
    client: Any = Atomic(request.getfixturevalue(request.param))
    return DynamoEvents(client, request.getfixturevalue("events_table"), SHARDS)


# -------------------------------------------------------------------- activate


def test_an_activated_event_is_pending(events: Events) -> None:
    events.rank(an_event(state=State.INACTIVE))
    assert events.activate(KEY, NOW + 1)
    assert events.get(KEY) == an_event()


@pytest.mark.parametrize("state", [State.PENDING, State.FINAL])
def test_only_a_deferred_event_can_be_activated(events: Events, state: State) -> None:
    events.rank(an_event())
    if state is State.FINAL:
        events.reward(KEY, a_reward())
    assert not events.activate(KEY, NOW + 1)
    assert stored(events).state is state


def test_after_the_wait_activation_comes_too_late(events: Events) -> None:
    events.rank(an_event(state=State.INACTIVE))
    assert not events.activate(KEY, NOW + WAIT)
    assert stored(events).state is State.INACTIVE


def test_an_activation_may_come_before_its_rank(events: Events) -> None:
    assert events.activate(KEY, NOW - 9)
    assert stub(events).activated
    assert events.rank(an_event(state=State.INACTIVE)).state is State.PENDING


def test_an_early_activation_keeps_early_rewards(events: Events) -> None:
    events.reward(KEY, a_reward(at=NOW - 9))
    events.activate(KEY, NOW - 8)
    assert stub(events).rewards == (a_reward(at=NOW - 9),)


# ---------------------------------------------------------------------- expire


def test_after_the_wait_the_default_stands(events: Events) -> None:
    events.rank(an_event())
    assert events.expire(KEY, a_uid(1), OVER)
    assert events.get(KEY) == an_event(state=State.FINAL, final_at=OVER, why=Why.WAIT)


def test_after_the_wait_the_sum_so_far_stands(events: Events) -> None:
    events.rank(a_patient_event())
    events.reward(KEY, a_reward("0.5"))
    events.expire(KEY, a_uid(1), OVER)
    assert stored(events).final_reward == Decimal("0.5")


@pytest.mark.parametrize("aggregation", OF_ALL)
def test_after_the_wait_stands_what_all_rewards_come_to(
    events: Events, aggregation: Aggregation
) -> None:
    values = [Decimal("-0.3"), Decimal("-0.9"), Decimal("-0.1")]
    events.rank(a_keeping_event(aggregation=aggregation))
    for number, value in enumerate(values):
        events.reward(KEY, a_reward(value, key=f"k-{number}"))
    events.expire(KEY, a_uid(1), OVER)
    assert stored(events).state is State.FINAL
    assert stored(events).final_reward == aggregate(aggregation, values)


def test_an_event_expires_once(events: Events) -> None:
    events.rank(an_event())
    events.expire(KEY, a_uid(1), OVER)
    assert not events.expire(KEY, a_uid(1), OVER + 1)
    assert stored(events).final_at == OVER


def test_an_event_expires_only_when_every_clock_says_so(events: Events) -> None:
    events.rank(an_event())
    assert not events.expire(KEY, a_uid(1), OVER - 1)


def test_a_deferred_event_never_expires(events: Events) -> None:
    events.rank(an_event(state=State.INACTIVE))
    assert not events.expire(KEY, a_uid(1), OVER)


def test_an_event_does_not_expire_in_anothers_place(events: Events) -> None:
    events.rank(an_event())
    assert not events.expire(KEY, a_uid(2), OVER)


def test_a_stub_and_an_unknown_event_do_not_expire(events: Events) -> None:
    assert not events.expire(KEY, a_uid(1), OVER)
    events.activate(KEY, NOW)
    assert not events.expire(KEY, a_uid(1), OVER)


# ------------------------------------------------------------------------- due


def due(events: Events, now: int, minutes: int = 5) -> list[tuple[Key, str]]:
    """In the last minutes, and now's own."""
    last = range(now // MINUTE - minutes, now // MINUTE + 1)
    return sorted(events.due(now, last), key=lambda found: found[0].event_id)


def test_an_event_is_due_from_its_deadline_on(events: Events) -> None:
    events.rank(an_event())
    assert due(events, NOW + WAIT - 1) == []
    assert due(events, NOW + WAIT) == [(KEY, a_uid(1))]


def test_events_are_due_whatever_their_shard_and_minute(events: Events) -> None:
    many = [
        an_event(key=Key("default", f"e-{n:02}"), deadline=NOW + WAIT + n * MINUTE // 4)
        for n in range(20)
    ]
    for event in many:
        events.rank(event)
    assert due(events, OVER + 5 * MINUTE, 6) == [(event.key, event.uid) for event in many]


def test_an_old_deadline_is_not_looked_for(events: Events) -> None:
    events.rank(an_event())
    assert due(events, NOW + WAIT + 7 * MINUTE, 5) == []


def test_an_event_of_any_loop_can_be_due(events: Events) -> None:
    events.rank(an_event(key=Key("other", "a#b")))
    assert due(events, OVER) == [(Key("other", "a#b"), a_uid(1))]


def test_what_is_not_pending_is_not_due(events: Events) -> None:
    events.rank(an_event(state=State.INACTIVE, key=Key("default", "deferred")))
    events.activate(Key("default", "stub"), NOW)
    events.rank(an_event())
    events.reward(KEY, a_reward())
    assert due(events, OVER, 20) == []


def test_an_expired_event_is_no_longer_due(events: Events) -> None:
    events.rank(an_event())
    events.expire(KEY, a_uid(1), OVER)
    assert due(events, OVER) == []


def test_a_superseded_event_leaves_nothing_due_but_its_successor(events: Events) -> None:
    events.rank(an_event())
    successor = events.rank(an_event(uid=a_uid(2), request_hash=b"other"))
    assert due(events, OVER) == [(KEY, successor.uid)]


@pytest.mark.parametrize("early", [True, False])
def test_an_activated_event_can_be_due(events: Events, early: bool) -> None:
    if early:
        events.activate(KEY, NOW)
    events.rank(an_event(state=State.INACTIVE))
    if not early:
        events.activate(KEY, NOW)
    assert due(events, OVER) == [(KEY, a_uid(1))]


def test_a_deferred_event_with_a_reward_can_be_due(events: Events) -> None:
    events.rank(a_patient_event(state=State.INACTIVE))
    events.reward(KEY, a_reward())
    assert due(events, OVER) == [(KEY, a_uid(1))]


def test_an_event_may_sum_after_it_waited_as_a_stub(events: Events) -> None:
    events.reward(KEY, a_reward("0.25", at=NOW - 9, key="k-0"))
    events.rank(a_patient_event())
    events.reward(KEY, a_reward("0.5"))
    assert stored(events) == replace(
        a_patient_event(), reward=Decimal("0.75"), reward_keys=frozenset({"k-0", "k-1"})
    )
    assert stored(events).aggregation is Aggregation.SUM


# ------------------------------------------------------------------------- all


def test_all_that_is_stored_of_a_loop_is_found_and_of_no_other(events: Events) -> None:
    for loop, event_id in (("default", "e-1"), ("default", "e-2"), ("default2", "e-1")):
        events.rank(an_event(key=Key(loop, event_id)))
    events.activate(Key("default", "stub"), NOW)
    found = {item.key.event_id for item in events.of("default")}
    assert found == {"e-1", "e-2", "stub"}
