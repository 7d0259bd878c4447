"""A plan is made step by step, however long the loop's chain of commits is."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec
import pytest

from personalizer.adapters.memory import MemoryObjects
from personalizer.domain import names
from personalizer.domain.commit import Commit
from personalizer.domain.loop import LoopState, ModelRef, ObjectRef
from personalizer.errors import JobFailed
from personalizer.usecases.evaluation import desk as desks
from personalizer.usecases.evaluation import planning, portions
from personalizer.usecases.evaluation.desk import Desk
from personalizer.usecases.evaluation.plan import Plan
from personalizer.usecases.evaluation.planning import Planning
from personalizer.usecases.evaluation.portions import Segment
from tests.factories import NOW, House, a_commit, a_job, a_ref

SECOND = 1_000
JOB = a_job(start=NOW, end=NOW + 10_000 * SECOND, created_at=NOW + 20_000 * SECOND)


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "STRIDE", 7)
    monkeypatch.setattr(portions, "PART_SEGMENTS", 4)


def commits_of(count: int) -> list[Commit]:
    """Oldest first: one each second, of two lines that were ranked just before."""
    return [
        a_commit(
            generation=number + 1,
            commit_id=f"c-{number}",
            model=ModelRef(number + 1, a_ref("model"), NOW + number * SECOND + 1),
            log=a_ref(f"log-{number}"),
            first_line=2 * number,
            first_ranked_at=NOW + number * SECOND,
            last_ranked_at=NOW + number * SECOND,
        )
        for number in range(count)
    ]


class Mortal(MemoryObjects):
    """Dies of a write once in a while, if that is said."""

    lives: float = float("inf")

    def write(self, key: str, data: bytes) -> None:
        if self.lives <= 0:
            self.lives = 5
            raise TimeoutError
        self.lives -= 1
        super().write(key, data)


@dataclass
class Scene:
    """A loop that has made these commits, and the desk of a job."""

    commits: Sequence[Commit]
    store: Mortal = field(default_factory=Mortal)

    def __post_init__(self) -> None:
        newest: ObjectRef | None = None
        for commit in self.commits:
            key = names.commit("default", commit.generation, commit.commit_id)
            newest = self.store.put(key, msgspec.json.encode(replace(commit, previous=newest)))
        state = House(memory_objects=self.store).memory_loops.state("default")
        self.state: LoopState = replace(state, head=replace(state.head, commit=newest))
        self.desk = Desk(self.store, JOB.ref)

    def step(self, *, has_time: bool = False, **job: Any) -> Plan | None:
        known = self.desk.find(desks.PLANNING, Planning)
        known = known or planning.begun(self.store, self.state, replace(JOB, **job))
        return planning.further(self.store, self.desk, known, lambda: has_time)

    def planned(self, **job: Any) -> Plan:
        """After as many steps as it takes."""
        made = None
        while made is None:
            made = self.step(**job)
        return made

    def parts(self, plan: Plan) -> list[list[str]]:
        """The logs in each, in the order of the log."""
        found = [self.desk.take(desks.segments(n), list[Segment]) for n in plan.oldest_first]
        return [[segment.log.key for segment in part] for part in found]


def of_before(commit: Commit) -> Commit:
    """It learned what was ranked before the job's range."""
    return replace(commit, first_ranked_at=NOW - 9 * SECOND, last_ranked_at=NOW - 9 * SECOND)


def logs(plan: Plan, scene: Scene) -> list[str]:
    return [log for part in scene.parts(plan) for log in part]


def test_a_long_chain_takes_several_steps_and_ends_the_same() -> None:
    once, cut = Scene(commits_of(100)), Scene(commits_of(100))
    plan = once.step(has_time=True)
    assert plan
    assert cut.step() is None
    assert (cut.planned(), cut.parts(plan)) == (plan, once.parts(plan))
    assert logs(plan, once) == [f"log-{number}" for number in range(100)]
    assert (plan.first_line, plan.end_line, plan.parts) == (0, 200, 25)


def test_what_is_noted_between_steps_does_not_grow() -> None:
    scene, sizes = Scene(commits_of(300)), list[int]()
    while scene.step() is None:
        sizes.append(len(scene.store.read(scene.desk.key(desks.PLANNING))))
    assert len(sizes) > 40
    assert max(sizes) < 2 * min(sizes)


def test_the_plan_is_as_small_however_much_there_is() -> None:
    few, many = Scene(commits_of(10)), Scene(commits_of(1_000))
    for scene in (few, many):
        scene.planned()
    sizes = [len(scene.store.read(scene.desk.key(desks.PLAN))) for scene in (few, many)]
    assert sizes[1] - sizes[0] < 10


def test_each_commit_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    scene, read = Scene(commits_of(100)), list[str]()
    get = MemoryObjects.get

    def counting(store: MemoryObjects, ref: ObjectRef) -> bytes:
        read.append(ref.key)
        return get(store, ref)

    monkeypatch.setattr(MemoryObjects, "get", counting)
    scene.planned()
    assert len([key for key in read if names.is_commit(key)]) == 100


def test_a_step_that_died_anywhere_is_repeated_and_does_no_harm() -> None:
    whole, mortal = Scene(commits_of(100)), Scene(commits_of(100))
    plan, died, made = whole.planned(), 0, None
    mortal.store.lives = 0
    while made is None:
        try:
            made = mortal.step()
        except TimeoutError:
            died += 1
    mortal.store.lives = 1_000
    assert died > 5
    assert (made, mortal.parts(plan)) == (plan, whole.parts(plan))


def test_what_is_in_the_range_is_without_gaps_and_ends_where_it_ends() -> None:
    """Commits in between may be of other times; those before and after are left out."""
    commits = commits_of(30)
    for number in (0, 1, 15, 16):
        commits[number] = of_before(commits[number])
    scene = Scene(commits)
    plan = scene.planned(end=NOW + 25 * SECOND)
    assert logs(plan, scene) == [f"log-{number}" for number in range(2, 25)]
    assert (plan.first_line, plan.end_line) == (4, 50)


def test_many_commits_of_earlier_times_at_the_beginning_make_no_parts() -> None:
    commits = commits_of(30)
    commits[:20] = map(of_before, commits[:20])
    scene = Scene(commits)
    plan = scene.planned()
    assert plan.parts == 3
    assert logs(plan, scene) == [f"log-{number}" for number in range(20, 30)]
    assert plan.first_line == 40


def test_clocks_may_differ_by_so_much() -> None:
    """The trainer's was late by nearly a minute, and by more than anybody's is."""
    commits = commits_of(3)
    for number, late in enumerate((62_000, 58_000, 0)):
        model = replace(commits[number].model, made_at=NOW - late)
        commits[number] = replace(commits[number], model=model)
    scene = Scene(commits)
    assert logs(scene.planned(), scene) == ["log-1", "log-2"]


def test_a_commit_without_lines_is_in_no_part() -> None:
    commits = commits_of(3)
    commits[1] = replace(commits[1], trained=0)
    scene = Scene(commits)
    assert logs(scene.planned(), scene) == ["log-0", "log-2"]


def test_a_log_that_is_larger_than_can_be_told_is_refused_in_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(planning, "MOST_PARTS", 10)
    with pytest.raises(JobFailed, match="shorter time"):
        Scene(commits_of(100)).planned()


def test_as_many_parts_as_there_may_be_can_be_told() -> None:
    """Step Functions takes 256 KB; whatever else it is told has some room."""
    most = [*range(planning.MOST_PARTS)]
    assert len(msgspec.json.encode({"done": True, "parts": most})) < 250_000
