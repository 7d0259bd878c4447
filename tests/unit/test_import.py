"""Importing a log: each of its lines once, whatever happens meanwhile."""

import json
from collections.abc import Iterable
from typing import Any

import pytest

from personalizer.domain.foreign import Foreign
from personalizer.errors import InfrastructureError, LostRace, NotProvable
from personalizer.usecases import importing
from personalizer.usecases.importing import Import, Imported
from personalizer.usecases.logs import Logs, Range
from personalizer.wire.line import read
from tests.factories import House, a_joined, an_arrival
from tests.faults import Countdown, Crash, FragileLoops, FragileObjects
from tests.unit.test_forget import cleared, forget
from tests.unit.test_wire_line import line as azure_line


def azure(*numbers: int, **changes: Any) -> list[Foreign]:
    return [read(azure_line(EventId=f"az-{n}", **changes), f"file:{n}") for n in numbers]


def exported(house: House) -> list[Foreign]:
    logs = Logs(house.memory_loops, house.memory_objects)
    commits = logs.commits("default", Range())
    lines = [line for commit in commits for line in logs.lines(commit, Range())]
    return [read(line, f"export:{n}") for n, line in enumerate(lines, 1)]


def importer(house: House) -> Import:
    return Import(house.loops, house.objects, house.audit, house.engine, house.clock, house.names)


def imported(house: House, found: Iterable[Foreign]) -> Imported:
    return sum(importer(house)("default", found), Imported())


def segments(house: House) -> list[bytes]:
    logs = Logs(house.memory_loops, house.memory_objects)
    return [
        line for commit in logs.commits("default", Range()) for line in logs.lines(commit, Range())
    ]


def with_three_learned() -> House:
    house = House()
    for hour in (7, 8, 9):
        house.learn(contextFeatures=[{"hour": hour}])
    return house


def test_lines_are_learned_in_their_order() -> None:
    house = House()
    assert imported(house, azure(3, 1, 2)) == Imported(learned=3, refused=[])
    assert house.learned() == house.logged() == ["az-3", "az-1", "az-2"]


def test_an_exported_log_is_the_same_log_where_it_is_imported() -> None:
    house, other = with_three_learned(), House()
    imported(other, exported(house))
    assert segments(other) == segments(house)
    assert other.lines() == house.lines()


def test_lines_that_are_given_again_teach_nothing() -> None:
    house = House()
    imported(house, azure(1, 2))
    assert imported(house, azure(1, 2, 3, 3)) == Imported(learned=1, known=3, refused=[])


def test_a_loop_knows_its_own_log() -> None:
    house = with_three_learned()
    assert imported(house, exported(house)) == Imported(known=3, refused=[])
    assert house.head.generation == 3


def test_what_was_forgotten_is_known_all_the_same() -> None:
    house = with_three_learned()
    found = exported(house)
    forget(house).everything("default")
    with pytest.raises(NotProvable):
        imported(house, found)
    cleared(house)
    assert imported(house, found) == Imported(known=3, refused=[])


def test_what_the_trainer_remembers_is_left_as_it_is() -> None:
    house = with_three_learned()
    before = house.commits()[0]
    imported(house, azure(1))
    after = house.commits()[0]
    assert (after.positions, after.seen, after.horizon) == (
        before.positions,
        before.seen,
        before.horizon,
    )
    assert (after.imported_lines, before.imported_lines) == (True, False)
    assert house.train(*house.arrivals())[0].learned == 0


def test_training_goes_on_after_it() -> None:
    house = House()
    imported(house, azure(1))
    house.train(an_arrival(a_joined(1), 1))
    assert house.learned() == ["az-1", "e-1"]


def test_the_time_range_is_that_of_the_lines() -> None:
    house = with_three_learned()
    imported(house, azure(1, Timestamp="2020-01-01T00:00:00Z"))
    assert house.head.kept.first_ranked_at == 1_577_836_800_000


def test_what_was_imported_has_its_own_account() -> None:
    house = with_three_learned()
    imported(house, azure(1, 2))
    balance = house.balance()
    assert balance.at_rest
    assert (len(balance.trained), len(balance.imported)) == (3, 2)


def test_what_was_imported_and_forgotten_is_explained() -> None:
    house = House()
    imported(house, azure(1, 2))
    forget(house).everything("default")
    cleared(house)
    assert house.balance().at_rest
    assert imported(house, azure(1, 2, 3)) == Imported(learned=1, known=2, refused=[])


def test_a_line_that_harms_the_learner_is_refused_alone() -> None:
    house = House()
    context = {"FromUrl": [{"name": "poison"}], "_multi": [{"j": [{"x": 1}]}, {"j": [{"y": 1}]}]}
    done = imported(house, [*azure(1), *azure(2, c=context), *azure(3)])
    assert done == Imported(learned=2, refused=[("file:2", "poison")])


def test_a_reward_out_of_all_bounds_is_refused() -> None:
    house = House()
    done = imported(house, azure(1, _label_cost=-1e7))
    assert done == Imported(refused=[("file:1", "the reward is out of all bounds")])
    assert house.head.generation == 0


def test_a_long_log_is_learned_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "CHUNK_LINES", 2)
    house = House()
    parts = [*importer(house)("default", azure(1, 2, 3, 4, 5))]
    assert [part.learned for part in parts] == [2, 2, 1]
    assert [commit.trained for commit in house.commits()] == [1, 2, 2]


# Faults and races


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("writes", range(10))
def test_whoever_dies_and_begins_again_learns_each_line_once(
    writes: int, after: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "CHUNK_LINES", 2)
    house = House()
    countdown = Countdown(writes, after=after)
    house.objects = FragileObjects(house.memory_objects, countdown)
    house.loops = FragileLoops(house.memory_loops, countdown)
    with pytest.raises(Crash):
        imported(house, azure(1, 2, 3, 4, 5))
    house.objects, house.loops = house.memory_objects, house.memory_loops
    imported(house, azure(1, 2, 3, 4, 5))
    assert house.learned() == house.logged() == [f"az-{n}" for n in range(1, 6)]


class Interleaved(FragileLoops):
    """Just before each of these moves of the head, something else happens to the loop."""

    def __init__(self, house: House, *acts: Any):
        super().__init__(house.memory_loops, Countdown(999))
        self._acts = [*acts]

    def advance(self, old: Any, new: Any) -> bool:
        if self._acts:
            self._acts.pop(0)()
        return super().advance(old, new)


def test_a_trainer_that_is_faster_wins_and_all_is_learned_once() -> None:
    house, trainer = House(), House()
    trainer.memory_loops, trainer.loops = house.memory_loops, house.memory_loops
    trainer.memory_objects, trainer.objects = house.memory_objects, house.memory_objects
    trainer.names.count = 10_000
    house.loops = Interleaved(
        house,
        lambda: trainer.train(an_arrival(a_joined(1), 1)),
        lambda: trainer.train(an_arrival(a_joined(2), 2)),
    )
    assert imported(house, azure(1, 2, 3, 4)).learned == 4
    assert sorted(house.logged()) == ["az-1", "az-2", "az-3", "az-4", "e-1", "e-2"]
    assert house.learned() == house.logged()


def test_two_imports_at_a_time_learn_each_line_once() -> None:
    house, other = House(), House()
    other.memory_loops, other.loops = house.memory_loops, house.memory_loops
    other.memory_objects, other.objects = house.memory_objects, house.memory_objects
    other.names.count = 10_000
    house.loops = Interleaved(house, lambda: imported(other, azure(1, 2, 3)))
    assert imported(house, azure(1, 2, 3, 4)) == Imported(learned=1, known=3, refused=[])
    assert house.logged() == ["az-1", "az-2", "az-3", "az-4"]


def test_who_never_wins_says_so_and_may_try_again() -> None:
    house = House()
    house.loops = FragileLoops(house.memory_loops, Countdown(999), beaten=999)
    with pytest.raises(LostRace):
        imported(house, azure(1))
    assert issubclass(LostRace, InfrastructureError)
    house.loops = house.memory_loops
    assert imported(house, azure(1)).learned == 1


def test_the_lines_are_ours() -> None:
    house = House()
    imported(house, azure(1))
    (line,) = map(json.loads, segments(house))
    assert [*line][:4] == ["_label_cost", "_label_probability", "_label_Action", "_labelIndex"]
    assert line["c"]["FromUrl"] == [{"timeofday": "late_night"}, {"nested": {"deep": 2}}]
