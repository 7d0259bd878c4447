"""Evaluations are made, looked at and deleted; what is refused changes nothing."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from personalizer.adapters.memory_jobs import MemoryJobs, MemoryRunner
from personalizer.domain import names
from personalizer.domain.evaluation.job import SETTLING_MS, Job, Kind, Named, Status
from personalizer.domain.evaluation.result import WINDOW_MS
from personalizer.domain.loop import DAY_MS
from personalizer.domain.policy import canonical
from personalizer.errors import (
    JobExists,
    JobNotFound,
    JobRefused,
    LoopNotFound,
    ObjectCorrupt,
    ObjectMissing,
    PolicyRefused,
    ServiceUnavailable,
)
from personalizer.usecases.evaluation import results
from personalizer.usecases.evaluation.jobs import MOST_AT_ONCE, Evaluations, Wanted
from tests.evaluations import a_feature_result, a_policy_result, a_result
from tests.factories import NOW, House, a_joined, an_arrival

LATER = NOW + DAY_MS
RUN = names.run("default", "evaluation", "e-1", LATER)
GREEDY = "--cb_explore_adf --epsilon 0.2 --cb_type  mtr"


@dataclass
class Office:
    """A loop with a log, and everything that makes evaluations of it."""

    house: House = field(default_factory=House)
    runner: MemoryRunner = field(default_factory=MemoryRunner)

    def __post_init__(self) -> None:
        self.jobs = MemoryJobs(self.house.memory_loops)
        self.house.train(an_arrival(a_joined(1), 1))
        self.house.train(an_arrival(a_joined(2), 2))
        self.house.clock.now = LATER

    @property
    def evaluations(self) -> Evaluations:
        objects = self.house.memory_objects
        return Evaluations(
            self.jobs, self.house.loops, objects, objects, self.runner, self.house.clock
        )

    def create(self, kind: Kind = Kind.EVALUATION, **changes: Any) -> Job:
        return self.evaluations.create("default", kind, wanted(**changes))

    def stored(self, kind: Kind = Kind.EVALUATION) -> list[Job]:
        return [*self.jobs.of("default", kind)]

    def finish(self, job: Job, status: Status = Status.SUCCEEDED) -> Job:
        done = replace(job, status=status)
        assert self.jobs.replace(job, done)
        return done


def wanted(**changes: Any) -> Wanted:
    return replace(Wanted("e-1", "mine", NOW - DAY_MS, LATER, "v1.0"), **changes)


def named(*policies: str) -> tuple[Named, ...]:
    return tuple(Named(name, GREEDY) for name in policies)


# ------------------------------------------------------------------------------------ made


def test_an_evaluation_is_made_and_its_run_is_started() -> None:
    office = Office()
    job = office.create(policies=named("a"), optimise=True)
    assert (job.status, job.execution) == (Status.RUNNING, RUN)
    assert (job.created_at, job.version, job.optimise) == (LATER, "v1.0", True)
    assert office.stored() == [job]
    assert [started.id for started in office.runner.started] == ["e-1"]


def test_a_loop_has_so_many_at_once_of_both_kinds_together() -> None:
    office = Office()
    made = [office.create(id=f"e-{n}") for n in range(MOST_AT_ONCE - 1)]
    made.append(office.create(Kind.FEATURES))
    for kind in Kind:
        with pytest.raises(JobRefused, match=f"{MOST_AT_ONCE} evaluations") as refusal:
            office.create(kind, id="one more")
        assert refusal.value.rule == "TooManyEvaluations"
    assert len(office.runner.started) == MOST_AT_ONCE
    office.finish(made[0])
    assert office.create(id="one more")


class Crowded(MemoryJobs):
    """Others always come at the very moment."""

    def create(self, job: Job) -> bool:
        for number in range(MOST_AT_ONCE):
            super().create(replace(job, id=f"other-{number}"))
        return super().create(job)


def test_of_those_that_come_at_the_same_time_none_is_too_many() -> None:
    office = Office()
    office.jobs = Crowded(office.house.memory_loops)
    with pytest.raises(JobRefused):
        office.create()
    assert not office.runner.started
    assert office.jobs.get("default", Kind.EVALUATION, "e-1") is None


def test_policies_are_kept_in_their_canonical_form() -> None:
    job = Office().create(policies=named("a"))
    assert job.policies == (Named("a", canonical(GREEDY)),)


def test_a_model_of_the_loop_is_evaluated_by_its_own_policy() -> None:
    office = Office()
    job = office.create(policies=(Named("then", "whatever", 1),))
    arguments = office.house.commits()[-1].arguments
    assert job.policies == (Named("then", arguments, 1, taught=1),)


def test_ten_policies_are_welcome() -> None:
    policies = named(*map(str, range(10)))
    assert len(Office().create(policies=policies).policies) == 10


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"start": LATER, "end": NOW}, "InvalidDateTimesInEvaluationContract"),
        ({"start": NOW, "end": NOW}, "InvalidDateTimesInEvaluationContract"),
        (
            {"policies": named(*map(str, range(11)))},
            "MaximumEvaluationCustomPoliciesExceeded",
        ),
        ({"policies": named("a", "b", "a")}, "DuplicateCustomPolicyNames"),
        ({"policies": named("online")}, "PolicyNameReserved"),
        ({"policies": named("Baseline1")}, "PolicyNameReserved"),
        ({"policies": named("baselineRand")}, "PolicyNameReserved"),
        ({"policies": named("")}, "PolicyNameReserved"),
        ({"policies": (Named("a", "", 7),)}, "ModelGenerationNotFound"),
        ({"start": NOW - 9 * DAY_MS, "end": NOW}, "NoLogsExistInDateRange"),
        ({"start": NOW + 1, "end": LATER}, "NoLogsExistInDateRange"),
        ({"start": 0, "end": 1}, "NoLogsExistInDateRange"),
    ],
)
def test_what_cannot_be_evaluated_is_refused_by_the_rule_and_leaves_nothing(
    changes: dict[str, Any], rule: str
) -> None:
    office = Office()
    with pytest.raises(JobRefused) as refusal:
        office.create(**changes)
    assert refusal.value.rule == rule
    assert (office.stored(), office.runner.started) == ([], [])


def test_hostile_arguments_are_refused_and_leave_nothing() -> None:
    office = Office()
    with pytest.raises(PolicyRefused):
        office.create(policies=(Named("a", f"{GREEDY} -f /tmp/x"),))
    assert (office.stored(), office.runner.started) == ([], [])


def test_what_was_ranked_lately_may_yet_earn_something() -> None:
    office = Office()
    settled = NOW + office.house.configuration.reward_wait_ms + SETTLING_MS
    office.house.clock.now = settled
    with pytest.raises(JobRefused, match="try again later"):
        office.create()
    office.house.clock.now = settled + 1
    assert office.create().until(office.house.configuration.reward_wait_ms) == NOW + 1


def test_a_log_that_is_empty_has_nothing_to_evaluate() -> None:
    office = Office(House())
    office.house.add_loop("new")
    with pytest.raises(JobRefused):
        office.evaluations.create("new", Kind.EVALUATION, wanted())


def test_a_loop_that_is_not_there_gets_no_evaluation() -> None:
    with pytest.raises(LoopNotFound):
        Office().evaluations.create("other", Kind.EVALUATION, wanted())


def test_an_evaluation_knows_in_which_epoch_of_its_loop_it_was_made() -> None:
    office = Office()
    office.house.set_policy(GREEDY)
    assert office.create().epoch == office.house.head.epoch == 2


def test_an_id_is_used_once_and_by_each_kind() -> None:
    office = Office()
    first = office.create()
    with pytest.raises(JobExists):
        office.create(name="another")
    assert office.stored() == [first]
    office.create(Kind.FEATURES)
    assert len(office.runner.started) == 2


def test_an_evaluation_whose_run_does_not_start_is_not_left_behind() -> None:
    class Down(MemoryRunner):
        def start(self, job: Job) -> str:
            raise ServiceUnavailable("states")

    office = Office(runner=Down())
    with pytest.raises(ServiceUnavailable):
        office.create()
    assert office.stored() == []


@dataclass
class Fast(MemoryRunner):
    """Something happens before the start is answered."""

    act: Callable[[Job], object]
    started: list[Job] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)

    def start(self, job: Job) -> str:
        self.act(job)
        return super().start(job)


def test_a_run_may_be_over_before_its_start_is_answered() -> None:
    office = Office()
    office.runner = Fast(lambda job: office.finish(job))
    job = office.create()
    assert (job.status, job.execution) == (Status.SUCCEEDED, RUN)
    assert office.stored() == [job]


def test_the_run_of_what_was_made_anew_meanwhile_is_stopped_and_the_other_goes_on() -> None:
    office = Office()

    def make_anew(job: Job) -> None:
        office.jobs.delete("default", Kind.EVALUATION, job.id)
        office.jobs.create(replace(job, created_at=job.created_at + 1))

    office.runner = Fast(make_anew)
    job = office.create()
    (anew,) = office.stored()
    assert (anew.status, anew.execution) == (Status.NOT_SUBMITTED, "")
    assert office.runner.stopped == [job.execution]


def test_the_run_of_what_was_deleted_meanwhile_is_stopped() -> None:
    office = Office()
    office.runner = Fast(lambda job: office.jobs.delete("default", job.kind, job.id))
    office.create()
    assert office.runner.stopped == [RUN]
    assert office.stored() == []


# -------------------------------------------------------------------------------- looked at


def test_evaluations_are_found_by_id_and_listed_newest_first() -> None:
    office = Office()
    first = office.create()
    office.house.clock.now += 1
    second = office.create(id="e-2")
    assert office.evaluations.get("default", Kind.EVALUATION, "e-1") == first
    assert [*office.evaluations.of("default", Kind.EVALUATION)] == [second, first]
    assert [*office.evaluations.of("default", Kind.FEATURES)] == []


def test_an_evaluation_that_is_not_there_is_not_found() -> None:
    with pytest.raises(JobNotFound) as missing:
        Office().evaluations.get("default", Kind.FEATURES, "e-1")
    assert missing.value.kind == "features"


@pytest.mark.parametrize(
    "status", [Status.NOT_SUBMITTED, Status.RUNNING, Status.FAILED, Status.TIMEOUT, Status.CANCELED]
)
def test_there_is_no_result_without_an_end(status: Status) -> None:
    office = Office()
    job = replace(office.create(), status=status)
    assert (office.evaluations.evaluated(job), office.evaluations.scored(job)) == (None, None)


def test_a_result_is_read_as_it_was_written() -> None:
    office = Office()
    job, result = office.finish(office.create()), a_result(a_policy_result())
    assert result.policies[-1].total.events == 5
    results.write(office.house.memory_objects, job, result)
    assert office.evaluations.evaluated(job) == result


def test_a_result_without_its_windows_is_small_however_long_its_time_was() -> None:
    office = Office()
    job = office.finish(office.create())
    sums, day = a_policy_result().total, range(0, DAY_MS, WINDOW_MS)
    mine = a_policy_result(windows=dict.fromkeys(day, sums))
    results.write(office.house.memory_objects, job, a_result(mine))
    assert len(office.house.memory_objects.data[results.key(job)]) < 2_000
    outline = office.evaluations.outline(job)
    assert outline
    assert outline.policies[-1].windows == {}
    assert outline.policies[-1].total == mine.total
    assert outline.policies[-1].total.events == len(day) * sums.events


def test_sums_of_nothing_survive_being_written() -> None:
    office = Office()
    nothing = a_policy_result(windows={}, held_out=a_policy_result(windows={}).total)
    job, result = office.finish(office.create()), a_result(nothing, heaviest=float("inf"))
    results.write(office.house.memory_objects, job, result)
    assert office.evaluations.evaluated(job) == result


def test_the_scores_of_features_are_read_as_they_were_written() -> None:
    office = Office()
    job = office.finish(office.create(Kind.FEATURES))
    results.write(office.house.memory_objects, job, a_feature_result())
    assert office.evaluations.scored(job) == a_feature_result()


def test_a_result_that_is_lost_or_spoiled_is_a_fault() -> None:
    office = Office()
    job = office.finish(office.create())
    with pytest.raises(ObjectMissing):
        office.evaluations.evaluated(job)
    office.house.memory_objects.write(results.key(job), b'{"policies":')
    with pytest.raises(ObjectCorrupt):
        office.evaluations.evaluated(job)


# ------------------------------------------------------------------------------------- gone


def test_a_deleted_evaluation_takes_all_that_it_made_along() -> None:
    office = Office()
    workbench = office.house.memory_objects
    kept = office.create(id="e-2")
    job = office.finish(office.create())
    results.write(workbench, job, a_result())
    results.write(workbench, kept, a_result())
    office.evaluations.delete("default", Kind.EVALUATION, "e-1")
    assert office.stored() == [kept]
    left = [*workbench.keys(names.jobs("default"))]
    assert results.key(kept) in left
    assert {key.rpartition("/")[0] for key in left} == {results.key(kept).rpartition("/")[0]}
    assert office.runner.stopped == []


def test_deleting_an_evaluation_ends_its_run() -> None:
    office = Office()
    job = office.create()
    office.evaluations.delete("default", Kind.EVALUATION, "e-1")
    assert office.runner.stopped == [job.execution]


def test_what_is_not_there_cannot_be_deleted() -> None:
    with pytest.raises(JobNotFound):
        Office().evaluations.delete("default", Kind.EVALUATION, "e-1")
