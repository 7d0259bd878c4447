"""Changing a loop's course, under a trainer's hands or not."""

from dataclasses import replace

import pytest

from personalizer.domain.loop import DEFAULT_POLICY, Head
from personalizer.domain.policy import Policy
from personalizer.errors import LostRace
from personalizer.usecases import steer
from tests.factories import House, a_joined, an_arrival
from tests.faults import Countdown, FragileLoops

GREEDY = Policy("greedy", "--cb_explore_adf --epsilon 0")


def learn(house: House, *numbers: int) -> None:
    house.train(*[an_arrival(a_joined(n), n) for n in numbers])


def set_policy(house: House, policy: Policy) -> Head:
    return steer.set_policy(house.memory_loops, house.memory_objects, "default", policy, "change")


def reset(house: House) -> Head:
    return steer.reset(house.memory_loops, "default", "change")


def test_another_policy_starts_another_epoch_and_keeps_the_model_until_there_is_a_new_one() -> None:
    house = House()
    learn(house, 1)
    before, after = house.head, set_policy(house, GREEDY)
    assert (after.epoch, after.latest) == (before.epoch + 1, before.latest)
    assert house.head == after


def test_a_new_policys_model_first_learns_what_the_log_holds() -> None:
    house = House()
    learn(house, 1, 2)
    set_policy(house, GREEDY)
    learn(house, 3)
    assert house.learned() == ["e-1", "e-2", "e-3"]


def test_the_same_arguments_under_another_name_go_on_with_the_model() -> None:
    house = House()
    learn(house, 1)
    set_policy(house, Policy("renamed", DEFAULT_POLICY))
    learn(house, 2)
    latest, first = house.commits()
    assert latest.base == first.model


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
    set_policy(house, GREEDY)
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
