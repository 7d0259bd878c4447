"""The end of an automatic evaluation: its best policy is put in place, and watched."""

from dataclasses import dataclass, field, replace

import msgspec
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
from personalizer.domain.replay import NO_REPLAY
from personalizer.errors import ModelNotEvaluated, ObjectMissing
from personalizer.usecases import policies
from personalizer.usecases.evaluation.adoption import Adoption
from personalizer.usecases.evaluation.apply import ApplyEvaluation
from personalizer.usecases.evaluation.jobs import Evaluations
from personalizer.usecases.evaluation.watching import Watching
from personalizer.usecases.models.placing import Placing
from tests.factories import House, a_job

ARGUMENTS = "--cb_explore_adf --cb_type mtr -q ij"
JOB = a_job(is_automatic=True, status=Status.RUNNING)


@dataclass
class Scene:
    """A loop that has learned three lines, and an evaluation that learned them by other rules."""

    house: House = field(default_factory=House)

    def __post_init__(self) -> None:
        house = self.house
        house.clock.now -= 1_000
        for _ in range(3):
            house.learn()
        house.clock.now += 1_000
        lesson = house.engine.learn(ARGUMENTS, None, [line.encode() for line in house.lines()])
        house.memory_objects.write("model", lesson.model)
        self.jobs = MemoryJobs(house.memory_loops)
        self.jobs.create(JOB)
        self.applied: list[int] = []

    @property
    def best(self) -> PolicyResult:
        learned = Learned("model", ARGUMENTS, 1.0, NO_REPLAY, 0, 3)
        source = PolicySource.OFFLINE_EXPERIMENTATION
        return PolicyResult("Hyper1", source, ARGUMENTS, gain=(0.1, 0.2), learned=learned)

    def result(self, best: PolicyResult) -> EvaluationResult:
        return EvaluationResult((best,), Range(0, 1), 60.0, 0, Read(), best.name)

    def apply(self, job: Job, best: PolicyResult) -> int:
        house = self.house
        placing = Placing(house.loops, house.objects, house.engine, house.clock, house.names)
        evaluations = Evaluations(
            self.jobs,
            house.loops,
            house.objects,
            house.memory_objects,
            MemoryRunner(),
            house.clock,
        )
        generation = ApplyEvaluation(evaluations, house.memory_objects, placing).policy(job, best)
        self.applied.append(generation)
        return generation

    def watching(self) -> Watching:
        house = self.house
        return Watching(
            self.jobs,
            house.loops,
            house.objects,
            house.memory_objects,
            house.engine,
            house.clock,
            house.names,
        )

    def conclude(self, best: PolicyResult | None = None) -> tuple[Status, str]:
        """Some time after the job was made."""
        house = self.house
        house.clock.now += 60_000
        adoption = Adoption(house.loops, house.objects, self.apply, self.watching())
        return adoption(JOB, self.result(best or self.best))

    @property
    def arguments(self) -> str:
        return policies.read(self.house.objects, self.house.head.policy).arguments

    @property
    def watch(self) -> Watch:
        key = names.job(*JOB.ref) + "watch.json"
        return msgspec.json.decode(self.house.memory_objects.read(key), type=Watch)


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


def test_a_policy_that_was_set_meanwhile_stays(scene: Scene) -> None:
    scene.house.clock.now += 1
    scene.house.set_policy("--cb_explore_adf")
    status, reason = scene.conclude()
    assert status is Status.ONLINE_POLICY_RETAINED
    assert "another policy was set" in reason
    assert scene.arguments == "--cb_explore_adf"


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
