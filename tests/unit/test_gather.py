"""A part of a log is read, packed and told of, however large it is."""

import random
import tracemalloc
from pathlib import Path

import pytest

from cli.evaluation.folder import Folder
from personalizer.adapters.memory import MemoryObjects
from personalizer.adapters.memory_jobs import MemoryJobs
from personalizer.domain.evaluation.candidates import Namespaces
from personalizer.domain.evaluation.census import Census
from personalizer.domain.evaluation.result import Read
from personalizer.usecases.evaluation import desk as desks
from personalizer.usecases.evaluation import packing
from personalizer.usecases.evaluation.desk import Desk
from personalizer.usecases.evaluation.fixed import Fixed
from personalizer.usecases.evaluation.gather import Gathered, added_up, gather
from personalizer.usecases.evaluation.parts import Part, Run
from personalizer.usecases.evaluation.plan import Plan
from personalizer.usecases.evaluation.portions import Segment
from tests.evaluating import a_wanted_job, planned, tasks_of
from tests.factories import House, a_job

HOUR = 3_600_000
JOB = a_job().ref
LETTERS = "abcdefghijklmnopqrstuvwxyz"


@pytest.fixture
def desk() -> Desk:
    return Desk(MemoryObjects(), JOB)


def packed(desk: Desk, *runs: tuple[int, list[bytes]]) -> list[Part]:
    packing_ = packing.Packing(desk, 0)
    for first, lines in runs:
        packing_.add(first, lines)
    packing_.close()
    return [[Run(run.first, [*run.lines]) for run in piece] for piece in desk.pieces(0)]


def test_segments_that_follow_each_other_are_one_run(desk: Desk) -> None:
    found = packed(desk, (3, [b"d", b"e"]), (5, [b"f"]), (9, [b"j"]))
    assert found == [[Run(3, [b"d", b"e", b"f"]), Run(9, [b"j"])]]


def test_a_piece_has_no_more_bytes_than_that(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "PIECE_BYTES", 10)
    lines = [b"1234", b"12345", b"12", b"a line that is larger", b"1"]
    found = packed(desk, (0, lines[:2]), (2, lines[2:]))
    assert found == [
        [Run(0, lines[:2])],
        [Run(2, lines[2:3])],
        [Run(3, lines[3:4])],
        [Run(4, lines[4:])],
    ]


def test_nothing_is_laid_of_nothing(desk: Desk) -> None:
    assert packed(desk, (0, [])) == []


def gathered(number: int) -> Gathered:
    read = Read(1, scored=number, lost_keys=(f"{number}",))
    return Gathered(read, Fixed(), Namespaces((), (), number), Census())


@pytest.mark.parametrize("count", [1, 2, 5, 8, 13])
def test_what_was_gathered_is_added_up_in_its_order(count: int) -> None:
    read = added_up(map(gathered, range(count))).read
    assert (read.segments, read.scored) == (count, sum(range(count)))
    assert read.lost_keys == tuple(f"{number}" for number in range(count))


def test_of_thousands_of_parts_few_sums_are_large(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes, add = list[int](), Read.__add__

    def noting(one: Read, other: Read) -> Read:
        sizes.append(one.segments + other.segments)
        return add(one, other)

    monkeypatch.setattr(Read, "__add__", noting)
    assert added_up(map(gathered, range(1024))).read.segments == 1024
    assert sum(size > 64 for size in sizes) < 16


def a_house_with_large_events(commits: int, events: int, size: int) -> House:
    house, luck = House(), random.Random(7)
    for _ in range(commits):
        for _ in range(events):
            house.clock.now += 60_000
            text = "".join(luck.choices(LETTERS, k=200)) * (size // 200)
            house.reward(house.rank(contextFeatures=[{"text": text}]).event_id)
        house.relay(announce=False)
        house.train(*house.arrivals()[-events:])
    house.clock.now += 24 * HOUR
    return house


def test_a_log_larger_than_memory_is_gathered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of four megabytes in one part, no more are held than a piece and a segment."""
    monkeypatch.setattr(packing, "PIECE_BYTES", 300_000)
    house = a_house_with_large_events(commits=20, events=1, size=200_000)
    job, jobs, desk = (
        a_wanted_job(house),
        MemoryJobs(house.memory_loops),
        Desk(Folder(tmp_path), JOB),
    )
    jobs.create(job)
    (part,) = planned(tasks_of(house, jobs), job)
    memory = Desk(house.memory_objects, job.ref)
    plan = memory.take(desks.PLAN, Plan)
    segments = memory.take(desks.segments(part), list[Segment])

    desk = Desk(Folder(tmp_path), JOB)
    tracemalloc.start()
    gather(house.objects, desk, plan, part, segments, counting=False)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    sizes = [sum(len(line) for run in piece for line in run.lines) for piece in desk.pieces(part)]
    assert sum(sizes) > 4_000_000
    assert max(sizes) <= 300_000
    assert peak < 2_000_000
    assert desk.take(desks.gathered(part), Gathered).read.scored == 20
