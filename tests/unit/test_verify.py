"""Learning the log once more, and making a lost model again."""

from collections.abc import Sequence

import pytest

from personalizer.adapters.fake import FakeEngine
from personalizer.errors import LostRace, ObjectMissing
from personalizer.ports import Lesson
from personalizer.usecases.rebuild import Rebuild
from personalizer.usecases.verify import Verdict, Verify
from tests.factories import House, a_joined, an_arrival
from tests.faults import Countdown, FragileLoops


def three_generations() -> House:
    house = House()
    for number in (1, 2, 3):
        house.train(an_arrival(a_joined(number), number))
    return house


def verify(house: House) -> list[Verdict]:
    return [*Verify(house.loops, house.objects, house.engine)("default")]


def rebuild(house: House) -> int | None:
    call = Rebuild(house.loops, house.objects, house.engine, house.clock, house.names)
    return call("default")


def damage(house: House, generation: int) -> None:
    (key,) = [c.model.object.key for c in house.commits() if c.generation == generation]
    house.memory_objects.data[key] = b"bit rot"


def test_a_sound_loop_is_the_same_all_along() -> None:
    assert verify(three_generations()) == [Verdict(n, 1, True, True) for n in (1, 2, 3)]


def test_a_loop_without_commits_has_nothing_to_verify() -> None:
    assert verify(House()) == []


def test_a_damaged_model_is_found_and_those_after_it_are_not_blamed() -> None:
    house = three_generations()
    damage(house, 2)
    assert [verdict.stored for verdict in verify(house)] == [True, False, True]
    assert all(verdict.same for verdict in verify(house))


def test_a_model_that_its_log_does_not_make_is_found() -> None:
    class Forgetful(FakeEngine):
        def learn(self, arguments: str, base: bytes | None, lines: Sequence[bytes]) -> Lesson:
            return super().learn(arguments, base, lines[:-1])

    house = three_generations()
    verdicts = [*Verify(house.loops, house.objects, Forgetful())("default")]
    assert not any(verdict.same for verdict in verdicts)


def test_a_log_that_is_lost_cannot_be_verified() -> None:
    house = three_generations()
    del house.memory_objects.data[house.commits()[1].log.key]
    with pytest.raises(ObjectMissing):
        verify(house)


def test_a_lost_model_is_made_again_to_the_byte() -> None:
    house = three_generations()
    lost = house.commits()[0].model.object
    damage(house, 3)
    damage(house, 2)
    assert rebuild(house) == 4
    latest = house.commits()[0]
    assert latest.model.object.sha256 == lost.sha256
    assert (latest.trained, house.head.latest) == (0, latest.model)
    assert verify(house)[-1] == Verdict(4, 0, True, True)


def test_what_is_there_is_not_made_again() -> None:
    house = three_generations()
    assert rebuild(house) is None
    assert house.head.generation == 3


def test_a_loop_that_learned_nothing_has_nothing_to_make_again() -> None:
    assert rebuild(House()) is None


def test_training_goes_on_from_what_was_made_again() -> None:
    house = three_generations()
    damage(house, 3)
    rebuild(house)
    house.train(an_arrival(a_joined(4), 4))
    assert house.learned() == house.logged() == ["e-1", "e-2", "e-3", "e-4"]


def test_a_trainer_that_commits_first_wins() -> None:
    house = three_generations()
    damage(house, 3)
    house.loops = FragileLoops(house.memory_loops, Countdown(99), beaten=1)
    with pytest.raises(LostRace):
        rebuild(house)


def test_a_model_made_again_after_a_change_of_policy_follows_the_new_one() -> None:
    house = three_generations()
    arguments = "--cb_explore_adf"
    house.set_policy(arguments)
    damage(house, 3)
    rebuild(house)
    house.train(an_arrival(a_joined(4), 4))
    assert [commit.arguments for commit in house.commits()[:2]] == [arguments, arguments]
    assert house.learned() == house.logged()
