"""The end of an automatic evaluation: its best policy is put in place, and watched."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from personalizer.adapters.memory_jobs import MemoryJobs, MemoryRunner
from personalizer.domain import names
from personalizer.domain.evaluation.job import Job, Status
from personalizer.domain.evaluation.result import (
    EvaluationResult,
    Learned,
    PolicyResult,
    PolicySource,
    Read,
)
from personalizer.domain.evaluation.watch import Watch
from personalizer.domain.health import Range
from personalizer.domain.loop import Optimization
from personalizer.domain.replay import NO_REPLAY
from personalizer.errors import JobFailed, ModelNotEvaluated, ObjectMissing
from personalizer.ports import Jobs, Workbench
from personalizer.usecases import policies, steer
from personalizer.usecases.evaluation import kept, results, settle
from personalizer.usecases.evaluation.adoption import Adoption
from personalizer.usecases.evaluation.apply import ApplyEvaluation
from personalizer.usecases.evaluation.jobs import Evaluations
from personalizer.usecases.evaluation.watches import Watches
from personalizer.usecases.evaluation.watching import Watching
from personalizer.usecases.mandate import OWNER, Mandate
from personalizer.usecases.models.placing import Placing
from tests.factories import House, a_job
from tests.faults import (
    Countdown,
    Crash,
    FragileBench,
    FragileJobs,
    FragileLoops,
    FragileObjects,
    Overtaken,
)

ARGUMENTS = "--cb_explore_adf --cb_type mtr -q ij"
JOB = a_job(is_automatic=True, status=Status.RUNNING)


@dataclass
class Scene:
    """A loop that has learned three lines, and an evaluation that learned them by other rules."""

    house: House = field(default_factory=House)

    def __post_init__(self) -> None:
        house = self.house
        house.configure(optimization=Optimization(enabled=True))
        house.clock.now -= 1_000
        for _ in range(3):
            house.learn()
        house.clock.now += 1_000
        lesson = house.engine.learn(ARGUMENTS, None, [line.encode() for line in house.lines()])
        house.memory_objects.write("model", lesson.model)
        self.stored_jobs = MemoryJobs(house.memory_loops)
        self.stored_jobs.create(JOB)
        self.jobs: Jobs = self.stored_jobs
        self.bench: Workbench = house.memory_objects
        self.applied: list[int] = []

    @property
    def best(self) -> PolicyResult:
        learned = Learned("model", ARGUMENTS, 1.0, NO_REPLAY, 0, 3)
        source = PolicySource.OFFLINE_EXPERIMENTATION
        return PolicyResult("Hyper1", source, ARGUMENTS, gain=(0.1, 0.2), learned=learned)

    def result(self, best: PolicyResult) -> EvaluationResult:
        return EvaluationResult((best,), Range(0, 1), 60.0, 0, Read(), best.name)

    @property
    def placing(self) -> Placing:
        house = self.house
        return Placing(house.loops, house.objects, house.engine, house.clock, house.names)

    def apply(self, job: Job, best: PolicyResult, mandate: Mandate = OWNER) -> int:
        house = self.house
        evaluations = Evaluations(
            self.jobs, house.loops, house.objects, self.bench, MemoryRunner(), house.clock
        )
        apply = ApplyEvaluation(evaluations, self.bench, self.placing)
        generation = apply.policy(job, best, mandate)
        self.applied.append(generation)
        return generation

    def watching(self) -> Watching:
        house = self.house
        return Watching(
            self.jobs,
            house.loops,
            house.objects,
            self.bench,
            house.engine,
            house.clock,
            house.names,
        )

    def conclude(self, best: PolicyResult | None = None) -> tuple[Status, str]:
        """Some time after the job was made."""
        house = self.house
        house.clock.now += 60_000
        watches = Watches(house.objects, self.bench)
        adoption = Adoption(self.jobs, house.loops, house.objects, self.apply, watches)
        return adoption(JOB, self.result(best or self.best))

    def work(self) -> None:
        """What the last task of a run does with its result."""
        results.write(self.bench, JOB, self.result(self.best))
        status, reason = self.conclude()
        settle.finish(self.jobs, replace(JOB, optimal="Hyper1"), status, reason)

    def die(self, countdown: Countdown) -> None:
        """At work."""
        house = self.house
        house.loops = FragileLoops(house.memory_loops, countdown)
        house.objects = FragileObjects(house.memory_objects, countdown)
        self.bench = FragileBench(house.memory_objects, countdown)
        self.jobs = FragileJobs(self.stored_jobs, countdown)
        with pytest.raises(Crash):
            self.work()
        house.loops, house.objects = house.memory_loops, house.memory_objects
        self.bench, self.jobs = house.memory_objects, self.stored_jobs

    def is_watched(self) -> bool:
        keys = self.house.memory_objects.keys(names.job(*JOB.ref))
        return any(key.endswith("/watch") for key in keys)

    @property
    def job(self) -> Job:
        (job,) = self.jobs.of(JOB.loop, JOB.kind)
        return job

    @property
    def arguments(self) -> str:
        return policies.read(self.house.objects, self.house.head.policy).arguments

    @property
    def watch(self) -> Watch:
        key = names.job(*JOB.ref) + "watch"
        return kept.unpacked(self.house.memory_objects.read(key), Watch, key)


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_a_better_policy_is_put_in_place_and_watched(scene: Scene) -> None:
    before = scene.house.head.generation
    assert scene.conclude() == (Status.OPTIMAL_POLICY_APPLIED, "")
    assert scene.arguments == ARGUMENTS
    assert (scene.watch.before, scene.watch.applied) == (before, before + 1)
    assert scene.watch.epoch == scene.house.head.epoch


def test_one_that_may_not_be_better_changes_nothing(scene: Scene) -> None:
    head = scene.house.head
    status, reason = scene.conclude(replace(scene.best, gain=(-0.1, 0.2)))
    assert (status, bool(reason)) == (Status.ONLINE_POLICY_RETAINED, True)
    assert scene.house.head == head


def test_concluding_again_changes_nothing_more(scene: Scene) -> None:
    scene.conclude()
    watch, head = scene.watch, scene.house.head
    assert scene.conclude() == (Status.OPTIMAL_POLICY_APPLIED, "")
    assert (scene.watch, scene.house.head) == (watch, head)
    assert len(scene.applied) == 1


def test_who_concludes_again_need_not_read_what_was_before(scene: Scene) -> None:
    scene.conclude()
    for _ in range(3):
        scene.house.learn()
    older = scene.house.commits()[5:]
    assert older
    objects = scene.house.memory_objects
    objects.delete(
        [
            key
            for key in objects.data
            if key.startswith("commit/") and names.number(key) <= older[0].generation
        ]
    )
    objects.delete([*objects.keys(names.job(*JOB.ref))])
    assert scene.conclude() == (Status.OPTIMAL_POLICY_APPLIED, "")
    assert (scene.watch.before, scene.watch.applied) == (3, 4)


# --------------------------------------------- what the loop's owner does meanwhile


def another_policy(scene: Scene) -> None:
    scene.house.set_policy("--cb_explore_adf")


def no_model(scene: Scene) -> None:
    steer.reset(scene.house.loops, "default", scene.house.names())


def another_model(scene: Scene) -> None:
    scene.placing.adopt("default", b"--cb_explore_adf\nlong\nago")


def an_earlier_model(scene: Scene) -> None:
    scene.placing.roll_back("default", 2)


def the_same_policy(scene: Scene) -> None:
    scene.apply(JOB, scene.best)


CHOICES = (another_policy, no_model, another_model, an_earlier_model, the_same_policy)


@pytest.mark.parametrize("choose", CHOICES)
def test_what_the_owner_chose_during_the_evaluation_stays(
    scene: Scene, choose: Callable[[Scene], None]
) -> None:
    choose(scene)
    head = scene.house.head
    status, reason = scene.conclude()
    assert status is Status.ONLINE_POLICY_RETAINED
    assert "Hyper1 could not be applied: the loop was given another policy or model" in reason
    assert (scene.house.head, scene.is_watched()) == (head, False)


@pytest.mark.parametrize("choose", CHOICES)
def test_what_the_owner_chooses_in_the_very_last_moment_stays(
    scene: Scene, choose: Callable[[Scene], None]
) -> None:
    house = scene.house

    def act() -> None:
        house.loops = house.memory_loops
        choose(scene)

    house.loops = FragileLoops(house.memory_loops, Overtaken(0, act))
    status, _ = scene.conclude()
    assert status is Status.ONLINE_POLICY_RETAINED
    assert (house.head.epoch, scene.is_watched()) == (2, False)


def test_nothing_is_applied_once_a_loop_is_not_to_be_optimised_any_more(scene: Scene) -> None:
    head = scene.house.head
    scene.house.configure(optimization=Optimization(enabled=False))
    status, reason = scene.conclude()
    assert status is Status.ONLINE_POLICY_RETAINED
    assert "not to be optimised any more" in reason
    assert (scene.house.head, scene.is_watched()) == (head, False)


def test_a_trainer_that_is_faster_is_no_reason_to_do_without(scene: Scene) -> None:
    house = scene.house

    def act() -> None:
        house.loops = house.memory_loops
        house.learn()

    house.loops = FragileLoops(house.memory_loops, Overtaken(0, act))
    assert scene.conclude() == (Status.OPTIMAL_POLICY_APPLIED, "")
    assert (scene.watch.before, scene.watch.applied) == (4, 5)


def test_what_the_owner_asks_for_is_done_whatever_was_chosen_before(scene: Scene) -> None:
    another_policy(scene)
    assert scene.apply(JOB, scene.best) == 4
    assert scene.arguments == ARGUMENTS


def restored(scene: Scene) -> None:
    (_, applied, _) = policies.history(scene.house.objects, scene.house.head.policy)
    house = scene.house
    steer.restore_policy(
        house.loops, house.objects, "default", applied.id, house.names(), house.clock.now
    )


def rolled_back(scene: Scene) -> None:
    scene.placing.roll_back("default", 4)


@pytest.mark.parametrize("bring_back", [restored, rolled_back])
def test_an_applied_policy_that_the_owner_brings_back_is_the_owners(
    scene: Scene, bring_back: Callable[[Scene], None]
) -> None:
    scene.conclude()
    assert policies.read(scene.house.objects, scene.house.head.policy).run == JOB.run
    another_policy(scene)
    bring_back(scene)
    newest = policies.read(scene.house.objects, scene.house.head.policy)
    assert (newest.name, newest.run) == ("Hyper1", "")


@pytest.mark.parametrize("status", [Status.CANCELED, Status.TIMEOUT])
def test_an_evaluation_that_was_ended_applies_nothing(scene: Scene, status: Status) -> None:
    head = scene.house.head
    scene.jobs.replace(JOB, replace(JOB, status=status))
    with pytest.raises(JobFailed):
        scene.conclude()
    assert scene.house.head == head


def test_an_evaluation_that_was_deleted_applies_nothing_for_another_of_its_id(
    scene: Scene,
) -> None:
    head = scene.house.head
    scene.jobs.delete(JOB.loop, JOB.kind, JOB.id)
    scene.jobs.create(replace(JOB, created_at=JOB.created_at + 1))
    with pytest.raises(JobFailed):
        scene.conclude()
    assert scene.house.head == head


def test_a_policy_that_cannot_be_applied_is_not(scene: Scene) -> None:
    head = scene.house.head
    scene.house.memory_objects.delete(["model"])
    status, reason = scene.conclude()
    assert status is Status.ONLINE_POLICY_RETAINED
    assert "could not be applied" in reason
    assert scene.house.head == head
    with pytest.raises(ObjectMissing):
        _ = scene.watch
    with pytest.raises(ModelNotEvaluated):
        scene.apply(JOB, scene.best)


# ------------------------------------------------------------------ whenever it dies


WRITES = 9
"""The windows, the result, the policy, its model, an empty log, the commit, the head, the watch,
and the status."""
HEAD = 6
"""The place of the head's among them."""


def moments() -> list[Any]:
    return [
        pytest.param(writes, after, id=f"{'after' if after else 'before'}-{writes}")
        for writes in range(WRITES)
        for after in (False, True)
    ]


@pytest.mark.parametrize(("write", "after"), moments())
def test_whenever_a_run_dies_it_can_do_it_again(scene: Scene, write: int, after: bool) -> None:
    scene.die(Countdown(write, after=after))
    if not scene.job.status.is_over:
        scene.work()
    assert (scene.job.status, scene.job.optimal) == (Status.OPTIMAL_POLICY_APPLIED, "Hyper1")
    assert (scene.watch.before, scene.watch.applied, scene.house.head.epoch) == (3, 4, 2)


@pytest.mark.parametrize(("write", "after"), moments())
@pytest.mark.parametrize("end", [Status.FAILED, Status.TIMEOUT, Status.CANCELED])
def test_whenever_a_run_dies_for_good_what_it_applied_is_watched_and_told(
    scene: Scene, write: int, after: bool, end: Status
) -> None:
    scene.die(Countdown(write, after=after))
    settle.finish(scene.jobs, scene.job, end, "it died")
    is_applied = scene.house.head.epoch == 2
    assert is_applied == ((write, after) >= (HEAD, True))
    assert bool(scene.watching()("default", lambda: True)) == is_applied
    assert scene.is_watched() == is_applied
    told = (Status.OPTIMAL_POLICY_APPLIED, "Hyper1", "") if is_applied else (end, "", "it died")
    assert (scene.job.status, scene.job.optimal, scene.job.reason) == told


def test_what_is_not_over_may_tell_it_by_itself(scene: Scene) -> None:
    scene.die(Countdown(HEAD, after=True))
    assert scene.watching()("default", lambda: True)
    assert (scene.is_watched(), scene.job.status) == (True, Status.RUNNING)
