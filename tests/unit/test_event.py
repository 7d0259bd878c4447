"""The life of an event: every state, and every way out of it."""

from dataclasses import replace
from decimal import Decimal

import pytest

from personalizer.domain.event import (
    CLOCK_SKEW_MS,
    OF_ALL,
    Aggregation,
    Event,
    Given,
    Item,
    State,
    Stub,
    Why,
)
from personalizer.domain.transitions import (
    EARLY_WINDOW_MS,
    MAX_REWARDS,
    activated,
    expired,
    ranked,
    rewarded,
)
from tests.factories import (
    KEY,
    NOW,
    WAIT,
    a_final_event,
    a_patient_event,
    a_reward,
    a_stub,
    a_uid,
    an_event,
)

INACTIVE = an_event(state=State.INACTIVE)
LATE = NOW + WAIT


def again(at: int, **changes: object) -> Event:
    """The event of a second rank with the same id."""
    return an_event(uid=a_uid(2), ranked_at=at, deadline=at + WAIT, **changes)


# Rank


def test_a_new_event_is_stored_as_it_is() -> None:
    assert ranked(None, an_event()) == an_event()


@pytest.mark.parametrize("found", [an_event(), INACTIVE, a_final_event()])
def test_the_same_request_again_gets_the_stored_event(found: Event) -> None:
    assert ranked(found, again(LATE - 1)) is found


@pytest.mark.parametrize("found", [an_event(), INACTIVE, a_final_event()])
def test_a_different_request_replaces_the_event(found: Event) -> None:
    event = again(NOW + 1, request_hash=b"other")
    stored = ranked(found, event)
    assert stored == replace(event, uid=stored.uid)


def test_the_same_request_after_the_wait_is_a_new_event() -> None:
    event = again(LATE)
    stored = ranked(an_event(), event)
    assert stored == replace(event, uid=stored.uid)


def test_a_rank_that_comes_twice_with_another_between_is_two_events() -> None:
    first, second = an_event(), again(NOW, request_hash=b"other")
    between = ranked(first, second)
    repeated = ranked(between, first)
    assert len({first.uid, between.uid, repeated.uid}) == 3


def test_a_stub_whose_time_is_over_is_forgotten() -> None:
    stub = a_stub(deadline=NOW, rewards=(a_reward(),), activated=True)
    assert ranked(stub, INACTIVE) == INACTIVE


def test_an_early_reward_settles_the_event_at_once() -> None:
    event = ranked(a_stub(rewards=(a_reward(1, at=NOW - 5),)), an_event())
    assert (event.state, event.reward, event.why) == (State.FINAL, Decimal(1), Why.REWARD)


def test_an_early_reward_counts_as_given_at_the_rank() -> None:
    assert ranked(a_stub(rewards=(a_reward(1, at=NOW - 5),)), an_event()).final_at == NOW


def test_of_several_early_rewards_the_earliest_counts() -> None:
    rewards = (a_reward("0.2", key="a"), a_reward("0.7", key="b"))
    assert ranked(a_stub(rewards=rewards), an_event()).reward == Decimal("0.2")


def test_early_rewards_are_summed_and_their_keys_kept() -> None:
    rewards = (a_reward("0.2", key="a"), a_reward("0.7", key="b"))
    event = ranked(a_stub(rewards=rewards), a_patient_event())
    assert (event.state, event.reward) == (State.PENDING, Decimal("0.9"))
    assert event.reward_keys == {"a", "b"}


@pytest.mark.parametrize("aggregation", OF_ALL)
def test_early_rewards_are_all_kept_where_all_are_needed(aggregation: Aggregation) -> None:
    rewards = (a_reward("-0.2", key="a"), a_reward("-0.7", key="b"))
    event = ranked(a_stub(rewards=rewards), a_patient_event(aggregation=aggregation))
    assert event.given == (Given(NOW, Decimal("-0.2")), Given(NOW, Decimal("-0.7")))
    assert event.reward_keys == {"a", "b"}


def test_an_early_activation_activates() -> None:
    assert ranked(a_stub(activated=True), INACTIVE).state is State.PENDING


def test_an_early_reward_activates() -> None:
    assert ranked(a_stub(rewards=(a_reward(),)), INACTIVE).state is State.FINAL


def test_an_empty_stub_does_not_activate() -> None:
    assert ranked(a_stub(), INACTIVE).state is State.INACTIVE


# Reward


def rewarded_event(found: Item, **reward: object) -> Event:
    changed = rewarded(found, KEY, a_reward(**reward))  # type: ignore[arg-type]
    assert isinstance(changed, Event)
    return changed


def test_the_first_reward_settles_an_event() -> None:
    event = rewarded_event(an_event(), value="0.5", at=NOW + 7)
    assert (event.state, event.reward, event.why) == (State.FINAL, Decimal("0.5"), Why.REWARD)
    assert event.final_at == NOW + 7


def test_a_second_reward_for_the_same_event_is_ignored() -> None:
    assert rewarded(a_final_event(), KEY, a_reward(key="other")) is None


@pytest.mark.parametrize("found", [an_event(), INACTIVE, a_patient_event()])
def test_a_reward_at_the_deadline_is_too_late(found: Event) -> None:
    assert rewarded(found, KEY, a_reward(at=LATE)) is None


def test_a_reward_just_before_the_deadline_counts() -> None:
    assert rewarded_event(an_event(), at=LATE - 1).state is State.FINAL


def test_a_reward_activates_an_inactive_event() -> None:
    assert rewarded_event(a_patient_event(state=State.INACTIVE)).state is State.PENDING


def test_a_reward_settles_an_inactive_event() -> None:
    assert rewarded_event(INACTIVE).state is State.FINAL


def test_rewards_are_summed_exactly() -> None:
    event = a_patient_event()
    for number in range(10):
        event = rewarded_event(event, value="0.1", key=f"k-{number}")
    assert event.reward == 1


def test_a_sum_waits_for_more() -> None:
    event = rewarded_event(a_patient_event())
    assert (event.state, event.final_at, event.why) == (State.PENDING, None, None)


def test_a_reward_with_a_key_that_was_counted_is_ignored() -> None:
    once = rewarded_event(a_patient_event(), key="k")
    assert rewarded(once, KEY, a_reward(key="k")) is None


def test_earliest_may_wait_and_still_keeps_the_first() -> None:
    found = a_patient_event(aggregation=Aggregation.EARLIEST)
    once = rewarded_event(found, value="0.3", key="a")
    assert rewarded_event(once, value="0.9", key="b").reward == Decimal("0.3")


@pytest.mark.parametrize("aggregation", OF_ALL)
def test_rewards_are_kept_in_the_order_in_which_they_came(aggregation: Aggregation) -> None:
    event = a_patient_event(aggregation=aggregation)
    for number, value in enumerate(["0.5", "-1", "0.5"]):
        event = rewarded_event(event, value=value, at=NOW + number, key=f"k-{number}")
    assert event.given == (
        Given(NOW, Decimal("0.5")),
        Given(NOW + 1, Decimal(-1)),
        Given(NOW + 2, Decimal("0.5")),
    )
    assert (event.state, event.reward) == (State.PENDING, None)


@pytest.mark.parametrize("aggregation", OF_ALL)
def test_a_kept_reward_activates_and_its_key_counts_once(aggregation: Aggregation) -> None:
    found = a_patient_event(aggregation=aggregation, state=State.INACTIVE)
    once = rewarded_event(found, key="k")
    assert once.state is State.PENDING
    assert rewarded(once, KEY, a_reward(0, key="k")) is None


@pytest.mark.parametrize("aggregation", Aggregation)
def test_an_event_takes_a_thousand_rewards_and_no_more(aggregation: Aggregation) -> None:
    event = a_patient_event(aggregation=aggregation)
    for number in range(MAX_REWARDS):
        event = rewarded_event(event, key=f"k-{number}")
    assert rewarded(event, KEY, a_reward(key="one more")) is None


def test_a_stub_takes_a_thousand_rewards_and_no_more() -> None:
    stub = a_stub(rewards=tuple(a_reward(key=f"k-{number}") for number in range(MAX_REWARDS)))
    assert rewarded(stub, KEY, a_reward(key="one more")) is None


@pytest.mark.parametrize("found", [None, a_stub(deadline=NOW, rewards=(a_reward(),))])
def test_a_reward_without_its_event_waits_in_a_new_stub(found: Stub | None) -> None:
    reward = a_reward(at=NOW, key="new")
    assert rewarded(found, KEY, reward) == Stub(KEY, NOW + EARLY_WINDOW_MS, (reward,))


def test_a_stub_collects_rewards_and_keeps_its_deadline() -> None:
    first, second = a_reward(key="a"), a_reward(key="b", at=NOW + 9)
    stub = a_stub(rewards=(first,))
    assert rewarded(stub, KEY, second) == a_stub(rewards=(first, second))


def test_a_stub_ignores_a_repeated_reward() -> None:
    assert rewarded(a_stub(rewards=(a_reward(),)), KEY, a_reward(at=NOW + 9)) is None


# Activate


def test_activation_makes_an_inactive_event_pending() -> None:
    assert activated(INACTIVE, KEY, LATE - 1) == an_event()


@pytest.mark.parametrize("found", [an_event(), a_final_event()])
def test_activating_any_other_event_changes_nothing(found: Event) -> None:
    assert activated(found, KEY, NOW) is None


def test_activation_after_the_wait_changes_nothing() -> None:
    assert activated(INACTIVE, KEY, LATE) is None


def test_activation_without_its_event_waits_in_a_stub() -> None:
    assert activated(None, KEY, NOW) == Stub(KEY, NOW + EARLY_WINDOW_MS, activated=True)


def test_activating_a_stub_keeps_its_rewards() -> None:
    stub = a_stub(rewards=(a_reward(),))
    assert activated(stub, KEY, NOW) == a_stub(rewards=(a_reward(),), activated=True)


# Expire

OVER = LATE + CLOCK_SKEW_MS


def test_without_a_reward_the_default_stands() -> None:
    event = expired(an_event(default_reward=Decimal("-0.5")), a_uid(1), OVER)
    assert event is not None
    assert (event.state, event.final_reward) == (State.FINAL, Decimal("-0.5"))
    assert (event.final_at, event.why) == (OVER, Why.WAIT)


def test_the_reward_so_far_stands() -> None:
    event = expired(a_patient_event(reward=Decimal("0.4")), a_uid(1), OVER)
    assert event is not None
    assert event.final_reward == Decimal("0.4")


@pytest.mark.parametrize(
    ("aggregation", "expected"),
    [
        (Aggregation.AVERAGE, "-0.433333333"),
        (Aggregation.MEDIAN, "-0.3"),
        (Aggregation.MIN, "-0.9"),
        (Aggregation.MAX, "-0.1"),
    ],
)
def test_what_all_rewards_come_to_stands(aggregation: Aggregation, expected: str) -> None:
    given = tuple(Given(NOW, Decimal(value)) for value in ("-0.3", "-0.9", "-0.1"))
    found = a_patient_event(aggregation=aggregation, given=given, default_reward=Decimal(0))
    event = expired(found, a_uid(1), OVER)
    assert event is not None
    assert event.final_reward == Decimal(expected)


@pytest.mark.parametrize("aggregation", Aggregation)
def test_without_a_reward_there_is_nothing_to_aggregate(aggregation: Aggregation) -> None:
    event = a_patient_event(aggregation=aggregation, default_reward=Decimal("-0.5"))
    assert (event.earned, event.final_reward) == (None, Decimal("-0.5"))


def test_an_event_is_not_expired_while_another_clock_may_still_reward_it() -> None:
    assert expired(an_event(), a_uid(1), OVER - 1) is None


def test_the_event_that_took_the_id_over_is_not_expired() -> None:
    assert expired(an_event(uid=a_uid(2)), a_uid(1), OVER) is None


@pytest.mark.parametrize("found", [None, a_stub(), INACTIVE, a_final_event()])
def test_only_a_pending_event_expires(found: Item | None) -> None:
    assert expired(found, a_uid(1), OVER) is None
