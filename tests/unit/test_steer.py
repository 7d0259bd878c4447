"""Changing a loop's course, under a trainer's hands or not."""

from dataclasses import replace

import pytest

from personalizer.domain.loop import DEFAULT_POLICY, Head
from personalizer.errors import LostRace, ObjectMissing, PolicyNotFound, PolicyRefused
from personalizer.usecases import policies, steer
from personalizer.usecases.policies import Kept
from personalizer.usecases.steer import Effect, Steered
from tests.factories import House, a_joined, an_arrival
from tests.faults import Countdown, Crash, FragileLoops

GREEDY = "--cb_explore_adf"


def learn(house: House, *numbers: int) -> None:
    house.train(*[an_arrival(a_joined(n), n) for n in numbers])


def reset(house: House) -> Head:
    return steer.reset(house.memory_loops, "default", "change")


def history(house: House) -> list[Kept]:
    return [*policies.history(house.memory_objects, house.head.policy)]


def restore(house: House, policy_id: str) -> Steered:
    now, change_id = house.clock.now, house.names()
    return steer.restore_policy(
        house.loops, house.memory_objects, "default", policy_id, change_id, now
    )


# Another policy


def test_another_policy_starts_another_epoch_and_keeps_the_model_until_there_is_a_new_one() -> None:
    house = House()
    learn(house, 1)
    before, after = house.head, house.set_policy(GREEDY).head
    assert (after.epoch, after.latest) == (before.epoch + 1, before.latest)
    assert house.head == after


def test_a_new_policys_model_first_learns_what_the_log_holds() -> None:
    house = House()
    learn(house, 1, 2)
    house.set_policy(GREEDY)
    learn(house, 3)
    assert house.learned() == ["e-1", "e-2", "e-3"]


@pytest.mark.parametrize("arguments", [DEFAULT_POLICY, f"{DEFAULT_POLICY} --power_t 0.4 --l1 0.1"])
def test_a_policy_that_differs_in_name_or_pace_goes_on_with_the_model(arguments: str) -> None:
    house = House()
    learn(house, 1)
    assert house.set_policy(arguments).effect is Effect.CONTINUES
    learn(house, 2)
    latest, first = house.commits()
    assert latest.base == first.model


def test_any_other_policy_says_that_a_new_model_starts() -> None:
    house = House()
    learn(house, 1)
    assert house.set_policy(GREEDY).effect is Effect.RESTARTS


def test_a_policy_that_comes_back_before_anything_was_learned_goes_on() -> None:
    house = House()
    learn(house, 1)
    house.set_policy(GREEDY)
    assert house.set_policy(DEFAULT_POLICY).effect is Effect.CONTINUES


def test_a_loop_without_a_model_starts_one() -> None:
    assert House().set_policy(DEFAULT_POLICY).effect is Effect.RESTARTS


def test_the_same_policy_again_changes_nothing() -> None:
    house = House()
    before = house.set_policy(GREEDY).head
    house.clock.now += 1
    assert house.set_policy(f"{GREEDY} --epsilon 0.3") == Steered(before, Effect.NONE)
    assert house.head == before
    assert len(house.memory_objects.data) == 2


def test_what_is_kept_of_a_policy_is_its_canonical_form() -> None:
    house = House()
    house.set_policy(" --epsilon 0.2 --learning_rate=0.10 --cb_explore_adf")
    assert history(house)[0].policy.arguments == "--cb_explore_adf -l 0.1"


def test_a_policy_that_is_refused_changes_nothing() -> None:
    house = House()
    before, objects = house.head, dict(house.memory_objects.data)
    with pytest.raises(PolicyRefused):
        house.set_policy("--cb_explore_adf -f /tmp/x")
    assert (house.head, house.memory_objects.data) == (before, objects)


def test_a_policy_that_is_lost_can_be_replaced() -> None:
    house = House()
    house.memory_objects.data.clear()
    house.set_policy(GREEDY)
    learn(house, 1)
    assert house.commits()[0].arguments == GREEDY


# The past


def test_a_loop_remembers_its_policies_and_when_they_were_set() -> None:
    house = House()
    now = house.clock.now
    for wait, arguments in ((1, GREEDY), (2, f"{GREEDY} --coin")):
        house.clock.now = now + wait
        house.set_policy(arguments, name=f"p-{wait}")
    told = [(kept.policy.name, kept.policy.set_at) for kept in history(house)]
    assert told == [("p-2", now + 2), ("p-1", now + 1), ("default", 0)]


def test_the_names_of_policies_sort_by_time() -> None:
    house = House()
    for arguments in (GREEDY, f"{GREEDY} --coin", DEFAULT_POLICY):
        house.clock.now += 10**10
        house.set_policy(arguments)
    ids = [kept.id for kept in history(house)]
    assert ids == sorted(ids, reverse=True)


def test_what_a_crash_left_behind_is_no_part_of_the_past() -> None:
    house = House()
    house.loops = FragileLoops(house.memory_loops, Countdown(0))
    with pytest.raises(Crash):
        house.set_policy(GREEDY)
    assert len(house.memory_objects.data) == 2
    assert [kept.policy.name for kept in history(house)] == ["default"]


def test_a_past_that_is_lost_is_told_as_far_as_it_goes() -> None:
    house = House()
    first = house.head.policy
    house.set_policy(GREEDY)
    del house.memory_objects.data[first.key]
    past = policies.history(house.memory_objects, house.head.policy)
    assert next(past).policy.arguments == GREEDY
    with pytest.raises(ObjectMissing):
        next(past)


def test_an_earlier_policy_can_be_restored() -> None:
    house = House()
    house.set_policy(GREEDY, name="greedy")
    house.clock.now += 1
    house.set_policy(f"{GREEDY} --coin")
    house.clock.now += 1
    restore(house, history(house)[1].id)
    newest = history(house)[0].policy
    assert (newest.name, newest.arguments, newest.set_at) == ("greedy", GREEDY, house.clock.now)
    assert len(history(house)) == 4


def test_the_present_policy_restored_changes_nothing() -> None:
    house = House()
    assert restore(house, history(house)[0].id).effect is Effect.NONE


def test_a_policy_that_was_never_set_cannot_be_restored() -> None:
    house = House()
    with pytest.raises(PolicyNotFound):
        restore(house, "000000000000001-abcdefabcdefabcd")


def test_a_loop_goes_back_to_the_policy_that_it_was_made_with() -> None:
    house = House()
    house.set_policy(GREEDY)
    house.set_policy(f"{GREEDY} --coin")
    now = house.clock.now
    steer.reset_policy(house.memory_loops, house.memory_objects, "default", "back", now)
    newest = history(house)[0].policy
    assert (newest.name, newest.arguments) == ("default", DEFAULT_POLICY)


# A reset


def test_after_a_reset_there_is_no_model_and_nothing_is_remembered() -> None:
    house = House()
    learn(house, 1)
    assert reset(house).served(house.clock.now) is None
    learn(house, 2)
    assert house.learned() == ["e-2"]


def test_what_comes_after_a_reset_is_remembered() -> None:
    house = House()
    learn(house, 1)
    reset(house)
    learn(house, 2)
    house.set_policy(GREEDY)
    learn(house, 3)
    assert house.learned() == ["e-2", "e-3"]


def test_what_was_trained_before_a_reset_is_not_trained_again() -> None:
    house = House()
    learn(house, 1)
    reset(house)
    learn(house, 1)
    assert (house.learned(), house.head.trained) == ([], 1)


def test_a_trainer_under_way_fails_to_commit() -> None:
    house = House()
    stale = house.head
    reset(house)
    assert not house.memory_loops.advance(stale, replace(stale, generation=1, commit_id="stale"))


def test_a_loop_whose_head_never_stands_still_cannot_be_steered() -> None:
    house = House()
    restless = FragileLoops(house.memory_loops, Countdown(99), beaten=99)
    with pytest.raises(LostRace):
        steer.reset(restless, "default", "change")
