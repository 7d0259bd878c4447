"""Making loops."""

import msgspec

from personalizer.domain.loop import DEFAULT_POLICY, Configuration
from personalizer.domain.policy import Policy
from personalizer.usecases.provision import create_loop
from tests.factories import House


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
