"""Loops, and the keys that open them."""

import hashlib

import msgspec

from personalizer.adapters.memory import MemoryLoops
from personalizer.domain.loop import DEFAULT_POLICY, Configuration
from personalizer.domain.policy import Policy
from personalizer.usecases.authorize import Authorize
from personalizer.usecases.provision import create_key, create_loop
from tests.factories import House


def test_a_key_opens_its_loop() -> None:
    loops = MemoryLoops()
    keys = {loop: create_key(loops, loop) for loop in ("one", "two")}
    authorize = Authorize(loops)
    assert {loop: authorize(key) for loop, key in keys.items()} == {"one": "one", "two": "two"}


def test_any_other_key_opens_nothing() -> None:
    loops = MemoryLoops()
    key = create_key(loops, "default")
    assert Authorize(loops)(key[:-1]) is None


def test_a_key_is_not_its_hash() -> None:
    loops = MemoryLoops()
    key = create_key(loops, "default")
    assert Authorize(loops)(hashlib.sha256(key.encode()).hexdigest()) is None


def test_a_loop_starts_with_the_default_policy() -> None:
    house = House()
    policy = msgspec.json.decode(house.memory_objects.get(house.head.policy), type=Policy)
    assert policy == Policy("default", DEFAULT_POLICY)


def test_a_loop_is_made_once() -> None:
    house = House()
    before = house.memory_loops.state("default")
    assert not create_loop(house.memory_loops, house.memory_objects, "default", Configuration())
    assert house.memory_loops.state("default") == before


def test_every_loop_draws_with_a_secret_of_its_own() -> None:
    house = House()
    house.add_loop("other")
    secrets = {house.memory_loops.state(loop).sampling_secret for loop in ("default", "other")}
    assert len(secrets) == 2
