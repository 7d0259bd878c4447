"""Better policies are looked for when a loop's settings want it."""

from dataclasses import dataclass, field, replace
from typing import Any

import msgspec
import pytest

from personalizer.adapters.memory_jobs import MemoryJobs, MemoryRunner
from personalizer.domain.days import Day
from personalizer.domain.evaluation import schedule
from personalizer.domain.evaluation.job import Kind, Status
from personalizer.domain.event import LearningMode
from personalizer.domain.loop import DAY_MS, Configuration, Optimization
from personalizer.usecases.evaluation.jobs import Evaluations
from personalizer.usecases.evaluation.optimise import Optimise
from tests.factories import NOW, House, a_commit, a_job

WEEKLY = Optimization(enabled=True, every_ms=7 * DAY_MS, starts_at=NOW - 8 * DAY_MS)


@dataclass
class Scene:
    house: House = field(default_factory=lambda: House(Configuration(optimization=WEEKLY)))
    runner: MemoryRunner = field(default_factory=MemoryRunner)

    def __post_init__(self) -> None:
        self.jobs = MemoryJobs(self.house.memory_loops)
        self.evaluations = Evaluations(
            self.jobs,
            self.house.loops,
            self.house.objects,
            self.house.memory_objects,
            self.runner,
            self.house.clock,
        )

    def log(self, lines: int) -> None:
        """As if so many had been learned yesterday."""
        at = NOW - DAY_MS
        day = Day(at // DAY_MS, 1, lines, at, at)
        commit = a_commit(days=(day,), trained=lines, first_ranked_at=at, last_ranked_at=at)
        ref = self.house.memory_objects.put("commit", msgspec.json.encode(commit))
        old = self.house.head
        kept = replace(old.kept, first_ranked_at=at, last_ranked_at=at)
        new = replace(old, generation=1, commit=ref, kept=kept, commit_id="c-1")
        assert self.house.loops.advance(old, new)

    def optimise(self) -> Optimise:
        house = self.house
        return Optimise(self.evaluations, house.loops, house.objects, house.clock)

    def __call__(self) -> Any:
        return self.optimise()("default")


@pytest.fixture
def scene() -> Scene:
    scene = Scene()
    scene.log(2_000)
    return scene


def test_a_loop_that_is_due_is_evaluated(scene: Scene) -> None:
    due = scene()
    (job,) = scene.runner.started
    assert due.job.id == job.id
    assert (job.is_automatic, job.optimise, job.end) == (True, True, NOW)
    assert job.start == NOW - 14 * DAY_MS
    assert scene.jobs.get("default", Kind.EVALUATION, job.id) == due.job


def test_that_happens_once_in_a_period(scene: Scene) -> None:
    scene()
    assert scene() is None
    scene.house.clock.now += 6 * DAY_MS
    for job in scene.jobs.of("default", Kind.EVALUATION):
        scene.jobs.replace(job, replace(job, status=Status.SUCCEEDED))
    assert scene().job is not None
    assert len(scene.runner.started) == 2


def test_two_schedules_make_one_evaluation(scene: Scene) -> None:
    one, other = scene.optimise(), scene.optimise()
    assert one("default")
    assert other("default") is None
    assert len(scene.jobs.of("default", Kind.EVALUATION)) == 1


def test_a_loop_that_nobody_asked_to_improve_is_left_alone(scene: Scene) -> None:
    scene.house.configure(optimization=replace(WEEKLY, enabled=False))
    assert scene() is None


def test_only_what_the_present_policy_decided_counts(scene: Scene) -> None:
    scene.house.clock.now -= 2 * DAY_MS
    scene.house.set_policy("--cb_explore_adf -q :i")
    scene.house.clock.now = NOW
    assert scene().job.start == NOW - 2 * DAY_MS


def test_a_short_log_is_waited_for() -> None:
    scene = Scene()
    assert scene().reason == "0 events since then, of at least 1000"
    scene.log(999)
    assert scene().reason == "999 events since then, of at least 1000"
    assert scene.runner.started == []


def test_a_loop_that_does_not_serve_its_model_waits(scene: Scene) -> None:
    scene.house.configure(learning_mode=LearningMode.APPRENTICE)
    assert "does not serve" in scene().reason


def test_one_at_a_time(scene: Scene) -> None:
    scene()
    scene.house.clock.now += 7 * DAY_MS
    assert scene().reason == "the last one is not over"


def test_what_nobody_could_evaluate_is_said(scene: Scene) -> None:
    scene.house.configure(reward_wait_ms=30 * DAY_MS)
    assert "may yet earn something" in scene().reason


def test_the_history_is_as_long_as_it_may_be(scene: Scene) -> None:
    over = a_job(is_automatic=True, status=Status.ONLINE_POLICY_RETAINED)
    for number in range(schedule.HISTORY + 2):
        scene.jobs.create(replace(over, id=f"auto-{number}", created_at=NOW + number))
    for by_hand in ("mine", "yours"):
        scene.jobs.create(a_job(id=by_hand, created_at=NOW - 1))
    assert scene.optimise().prune("default") == 2
    kept = [job.id for job in scene.jobs.of("default", Kind.EVALUATION)]
    newest_first = [f"auto-{number}" for number in reversed(range(2, schedule.HISTORY + 2))]
    assert kept == [*newest_first, "yours", "mine"]
