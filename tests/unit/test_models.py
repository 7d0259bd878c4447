"""Models that go out, come in, and go back to what they were."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from personalizer.domain.commit import Source
from personalizer.domain.loop import DEFAULT_POLICY, Configuration
from personalizer.domain.policy import Policy
from personalizer.domain.replay import NO_REPLAY
from personalizer.errors import (
    CostsChanged,
    GenerationNotFound,
    LostRace,
    ModelRefused,
    ObjectCorrupt,
    ObjectMissing,
)
from personalizer.usecases import policies, steer
from personalizer.usecases.models import history, served
from personalizer.usecases.models.placing import Placing
from personalizer.usecases.rebuild import Rebuild
from personalizer.usecases.verify import Verdict, Verify
from tests.factories import NOW, House, a_joined, an_arrival
from tests.faults import Countdown, Crash, FragileLoops, FragileObjects, Overtaken

OTHER = "--cb_explore_adf --first_only"
FOREIGN = f"{OTHER}\nlong\nago".encode()
KNOWN = f"{DEFAULT_POLICY}\nlong\nago".encode()


def a_house(generations: int = 0, **settings: object) -> House:
    house = House(configuration=replace(Configuration(replay=NO_REPLAY), **settings))  # type: ignore[arg-type]
    for number in range(1, generations + 1):
        house.clock.now = NOW + number
        train(house, number)
    return house


def train(house: House, *numbers: int) -> None:
    house.train(*(an_arrival(a_joined(number), number) for number in numbers))


def placing(house: House) -> Placing:
    return Placing(house.loops, house.objects, house.engine, house.clock, house.names)


def adopt(house: House, model: bytes = KNOWN) -> int:
    return placing(house).adopt("default", model)


def roll_back(house: House, generation: int) -> int:
    return placing(house).roll_back("default", generation)


def export(house: House) -> served.Exported | None:
    return served.export(house.loops, house.objects, "default", house.clock.now)


def properties(house: House) -> served.Properties | None:
    return served.properties(house.loops, "default", house.clock.now)


def verify(house: House) -> list[Verdict]:
    return [*Verify(house.loops, house.objects, house.engine)("default")]


def rebuild(house: House) -> int | None:
    call = Rebuild(house.loops, house.objects, house.engine, house.clock, house.names)
    return call("default")


def lose(house: House, *generations: int) -> None:
    for commit in house.commits():
        if commit.generation in generations:
            house.memory_objects.data.pop(commit.model.object.key, None)


def policy_of(house: House) -> Policy:
    return policies.read(house.objects, house.head.policy)


# Out


def test_a_loop_without_a_model_has_none_to_export() -> None:
    assert (export(a_house()), properties(a_house())) == (None, None)


def test_the_model_goes_out_that_is_served_and_no_newer_one() -> None:
    house = a_house(2)
    exported = export(house)
    assert exported
    assert (exported.generation, exported.made_at) == (1, NOW + 1)
    assert exported.model == house.memory_objects.get(house.commits()[1].model.object)


def test_after_a_reset_there_is_none_to_export() -> None:
    house = a_house(1)
    steer.reset(house.loops, "default", house.names())
    assert (export(house), properties(house)) == (None, None)


def test_a_model_tells_when_the_first_and_when_it_was_made() -> None:
    house = a_house(2)
    house.clock.now += house.configuration.model_export_ms
    assert properties(house) == served.Properties(NOW + 1, NOW + 2)


def test_a_model_that_is_lost_cannot_be_exported() -> None:
    house = a_house(1)
    lose(house, 1)
    with pytest.raises(ObjectMissing):
        export(house)


# In


def test_a_model_from_elsewhere_is_live_at_once() -> None:
    house = a_house(1)
    assert adopt(house) == 2
    exported = export(house)
    assert exported
    assert (exported.model, exported.generation) == (KNOWN, 2)


def test_a_first_model_may_come_from_elsewhere() -> None:
    house = a_house()
    adopt(house)
    train(house, 1)
    assert house.lines()[:2] == ["long", "ago"]
    assert house.logged() == ["e-1"]


def test_an_import_is_a_commit_of_an_epoch_of_its_own() -> None:
    house = a_house(2)
    before = house.head
    adopt(house)
    commit = house.commits()[0]
    assert (commit.source, commit.base, commit.trained) == (Source.IMPORTED, None, 0)
    assert (house.head.epoch, house.head.generation) == (before.epoch + 1, 3)
    assert house.logged() == ["e-1", "e-2"]


def test_what_the_model_can_go_on_with_remains_the_loops_policy() -> None:
    house = a_house(1)
    before = house.head.policy
    adopt(house, f"{DEFAULT_POLICY} --power_t 0.4\nlong ago".encode())
    assert house.head.policy == before
    assert house.commits()[0].arguments == policy_of(house).arguments


def test_another_policy_comes_with_its_model_and_stands_in_the_history() -> None:
    house = a_house(1)
    before = house.head.policy
    adopt(house, FOREIGN)
    assert policy_of(house) == Policy("imported", OTHER, house.clock.now, before)
    train(house, 2)
    assert house.commits()[0].arguments == OTHER
    assert house.lines()[:2] == ["long", "ago"]


def test_what_was_trained_before_an_import_is_not_trained_again_after_it() -> None:
    house = a_house(2)
    adopt(house)
    train(house, 1, 2, 3)
    assert house.logged() == ["e-1", "e-2", "e-3"]
    assert len(house.lines()) == 3


@pytest.mark.parametrize("model", [b"\xff", b"", b"--daemon\nline"])
def test_a_model_that_is_refused_changes_nothing(model: bytes) -> None:
    house = a_house(1)
    before, objects = house.head, dict(house.memory_objects.data)
    with pytest.raises(ModelRefused):
        adopt(house, model)
    assert (house.head, house.memory_objects.data) == (before, objects)


def test_a_reset_forgets_an_imported_model_too() -> None:
    house = a_house(1)
    adopt(house)
    steer.reset(house.loops, "default", house.names())
    train(house, 2)
    assert house.learned() == ["e-2"]


def test_accounts_balance_over_an_import_and_a_way_back() -> None:
    house = House()
    house.learn()
    adopt(house)
    house.learn()
    roll_back(house, 1)
    assert house.balance().at_rest


# In, while others are at it


WRITES = 5
"""Of a trainer: the model, the log, the dedupe window, the commit, and the head."""
IMPORTS = 4
"""Of an import whose policy is known: the model, an empty log, the commit, and the head."""


def overtake(house: House, writes: int, act: Callable[[House], object]) -> Overtaken:
    """Somebody with an undisturbed view of the same loop acts after so many of our writes."""
    other = replace(house)
    other.loops, other.objects = house.memory_loops, house.memory_objects
    disturbance = Overtaken(writes, lambda: act(other))
    house.loops = FragileLoops(house.memory_loops, disturbance)
    house.objects = FragileObjects(house.memory_objects, disturbance)
    return disturbance


def undisturbed(house: House) -> House:
    house.loops, house.objects = house.memory_loops, house.memory_objects
    return house


@pytest.mark.parametrize("write", range(WRITES))
def test_a_trainer_that_is_overtaken_by_an_import_goes_on_from_there(write: int) -> None:
    house = a_house(1)
    disturbance = overtake(house, write, adopt)
    train(house, 2)
    assert disturbance.writes == write - 2 * WRITES  # all of the first attempt was for nothing
    assert sources(house) == [Source.LEARNED, Source.IMPORTED, Source.LEARNED]
    assert house.lines()[:2] == ["long", "ago"]
    assert house.logged() == ["e-1", "e-2"]
    assert all(verdict.same for verdict in verify(undisturbed(house)))


@pytest.mark.parametrize("write", range(WRITES))
def test_a_trainer_that_is_overtaken_by_a_way_back_goes_on_from_there(write: int) -> None:
    house = a_house(2)
    overtake(house, write, lambda other: roll_back(other, 1))
    train(house, 3)
    assert house.learned() == ["e-1", "e-3"]
    assert house.logged() == ["e-1", "e-2", "e-3"]
    assert all(verdict.same for verdict in verify(undisturbed(house)))


@pytest.mark.parametrize("write", range(IMPORTS))
def test_an_import_that_is_overtaken_by_a_trainer_loses_none_of_its_events(write: int) -> None:
    house = a_house(1)
    overtake(house, write, lambda other: train(other, 2))
    assert adopt(house) == 3
    assert sources(house) == [Source.IMPORTED, Source.LEARNED, Source.LEARNED]
    train(undisturbed(house), 1, 2, 3)
    assert house.logged() == ["e-1", "e-2", "e-3"]


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("write", range(IMPORTS))
def test_an_import_that_dies_has_happened_or_not(write: int, after: bool) -> None:
    house = a_house(1)
    before, dying = house.head, Countdown(write, after=after)
    house.loops = FragileLoops(house.memory_loops, dying)
    house.objects = FragileObjects(house.memory_objects, dying)
    with pytest.raises(Crash):
        adopt(house)
    happened = after and write == IMPORTS - 1
    assert (house.head != before) is happened
    train(undisturbed(house), 2)
    assert house.lines()[:2] == (["long", "ago"] if happened else house.lines()[:2])
    assert all(verdict.same and verdict.stored for verdict in verify(house))


def test_an_import_gives_up_where_others_are_always_faster() -> None:
    house = a_house(1)
    house.loops = FragileLoops(house.memory_loops, Countdown(99), beaten=steer.ATTEMPTS)
    with pytest.raises(LostRace):
        adopt(house)


# Back


def test_a_loop_that_goes_back_forgets_what_came_after() -> None:
    house = a_house(3)
    assert roll_back(house, 1) == 4
    exported = export(house)
    assert exported
    assert exported.generation == 4
    assert house.learned() == ["e-1"]
    train(house, 4)
    assert house.learned() == ["e-1", "e-4"]
    assert house.logged() == ["e-1", "e-2", "e-3", "e-4"]


def test_the_way_back_is_written_down() -> None:
    house = a_house(3)
    roll_back(house, 2)
    commit = house.commits()[0]
    assert commit.base == house.commits()[2].model
    assert (commit.source, commit.trained, commit.relearned) == (Source.RESTORED, 0, 0)


def test_with_a_model_its_policy_comes_back() -> None:
    house = a_house(1)
    steer.set_policy(
        house.loops, house.objects, "default", Policy("new", OTHER), house.names(), house.clock()
    )
    train(house, 2)
    newest = house.head.policy
    roll_back(house, 1)
    assert policy_of(house).arguments == house.commits()[0].arguments != OTHER
    assert policy_of(house).previous == newest
    train(house, 3)
    assert house.learned() == ["e-1", "e-3"]


def test_a_reset_can_be_taken_back() -> None:
    house = a_house(2)
    steer.reset(house.loops, "default", house.names())
    roll_back(house, 2)
    train(house, 3)
    assert house.learned() == ["e-1", "e-2", "e-3"]


def test_a_loop_goes_back_to_an_import_as_to_any_other() -> None:
    house = a_house(1)
    adopt(house)
    train(house, 2)
    roll_back(house, 2)
    assert house.lines() == ["long", "ago"]
    assert all(verdict.same for verdict in verify(house))


@pytest.mark.parametrize("generation", [-1, 0, 4])
def test_a_generation_that_never_was_is_named(generation: int) -> None:
    house = a_house(3)
    with pytest.raises(GenerationNotFound, match=str(generation)):
        roll_back(house, generation)


def test_a_model_that_was_taught_other_costs_cannot_go_on() -> None:
    house = a_house(1)
    state = house.loops.state("default")
    settings = replace(state.configuration, cost_offset=0.0)
    moved = House(settings, memory_objects=house.memory_objects)
    assert moved.loops.advance(moved.head, state.head)
    before = moved.head
    with pytest.raises(CostsChanged, match=r"1\.0.*0\.0"):
        roll_back(moved, 1)
    assert moved.head == before


def test_a_lost_model_cannot_be_gone_back_to() -> None:
    house = a_house(2)
    lose(house, 1)
    with pytest.raises(ObjectMissing):
        roll_back(house, 1)


# Proof, and healing


def a_long_story() -> House:
    """Learned, imported, learned, gone back twice, learned."""
    house = a_house(2)
    adopt(house)  # 3
    train(house, 3)
    train(house, 4)
    roll_back(house, 4)  # 6
    train(house, 5)
    roll_back(house, 2)  # 8
    train(house, 6)
    return house


def test_a_loop_verifies_through_imports_and_ways_back() -> None:
    verdicts = verify(a_long_story())
    assert [verdict.generation for verdict in verdicts] == [*range(1, 10)]
    assert all(verdict.same and verdict.stored for verdict in verdicts)


def test_a_model_that_differs_from_what_it_was_restored_from_is_found() -> None:
    house = a_long_story()
    lose(house, 8)
    assert [v.generation for v in verify(house) if not v.stored] == [8]


@pytest.mark.parametrize("lost", [(9,), (9, 8), (9, 8, 2), (9, 8, 2, 1)])
def test_what_was_learned_after_a_way_back_heals(lost: tuple[int, ...]) -> None:
    house = a_long_story()
    lose(house, *lost)
    train(house, 7)
    assert house.learned() == ["e-1", "e-2", "e-6", "e-7"]
    assert all(verdict.same for verdict in verify(house))


@pytest.mark.parametrize("lost", [(7,), (7, 6), (7, 6, 4)])
def test_what_was_learned_after_an_import_heals(lost: tuple[int, ...]) -> None:
    house = a_long_story()
    roll_back(house, 7)
    lose(house, 10, *lost)
    assert rebuild(house) == 11
    assert house.lines()[:2] == ["long", "ago"]
    assert [json.loads(line)["EventId"] for line in house.lines()[2:]] == ["e-3", "e-5"]
    assert all(verdict.same for verdict in verify(house))


def test_an_import_that_is_lost_is_lost_for_good_and_said_to_be() -> None:
    house = a_house(1)
    adopt(house)
    lose(house, 2)
    with pytest.raises(ObjectMissing, match="imported"):
        rebuild(house)
    with pytest.raises(ObjectMissing, match="imported"):
        verify(house)
    train(house, 2)
    (reason,) = [reason for reason, _ in house.quarantine.records.values()]
    assert "imported" in reason
    assert house.logged() == ["e-1"]


def test_an_import_that_is_damaged_is_not_learned_on() -> None:
    house = a_house(1)
    adopt(house)
    house.memory_objects.data[house.commits()[0].model.object.key] = FOREIGN
    with pytest.raises(ObjectCorrupt, match="imported"):
        verify(house)


# What was


def generations(house: House, **page: int) -> list[history.Generation]:
    return history.page(house.loops, house.objects, "default", **page)


def test_the_history_starts_with_the_newest() -> None:
    house = a_long_story()
    told = generations(house)
    assert [each.number for each in told] == [*range(9, 0, -1)]
    assert [(each.number, each.base) for each in told if each.source is Source.RESTORED] == [
        (8, 2),
        (6, 4),
    ]
    assert [each.number for each in told if each.source is Source.IMPORTED] == [3]
    assert sum(each.trained for each in told) == 6


def test_a_generation_tells_what_it_is() -> None:
    house = a_house(1)
    (told,) = generations(house)
    (commit,) = house.commits()
    assert told == history.Generation(
        1, NOW + 1, 1, Source.LEARNED, None, commit.arguments, commit.model.object.sha256
    )


def test_the_history_comes_in_pages() -> None:
    house = a_house(5)
    assert [each.number for each in generations(house, size=2)] == [5, 4]
    assert [each.number for each in generations(house, before=4, size=2)] == [3, 2]
    assert [each.number for each in generations(house, before=2, size=2)] == [1]
    assert generations(house, before=1) == []


def test_a_loop_that_learned_nothing_has_no_history() -> None:
    assert generations(House()) == []


def sources(house: House) -> list[Source]:
    """Newest first."""
    return [commit.source for commit in house.commits()]
