"""What a run of an evaluation does, task by task, whatever becomes of it and of the log."""

import json
import math
from collections.abc import Callable
from dataclasses import replace

import pytest

from personalizer import payload
from personalizer.adapters.fake import FakeEngine
from personalizer.adapters.memory_jobs import MemoryJobs
from personalizer.domain import names
from personalizer.domain.decision import Decision
from personalizer.domain.evaluation.job import Job, Kind, Named, Status
from personalizer.domain.evaluation.result import (
    RETRAINED,
    EvaluationResult,
    PolicyResult,
    PolicySource,
)
from personalizer.domain.policy.presets import PRESETS
from personalizer.errors import JobFailed, PolicyUnusable
from personalizer.ports import Judged
from personalizer.usecases import policies
from personalizer.usecases.evaluation import portions, results
from personalizer.usecases.evaluation.desk import PLAN, Desk
from personalizer.usecases.evaluation.plan import Plan
from personalizer.wire.evaluations import windows
from personalizer.wire.version import Version
from tests.evaluating import a_wanted_job, evaluated, planned, tasks_of
from tests.factories import House, a_joined, a_request, an_arrival, an_example

HOUR = 3_600_000
GREEDY = Named("greedy", PRESETS["greedy"].arguments)


@pytest.fixture
def house() -> House:
    return learned(House())


def learned(house: House) -> House:
    """Four commits of five decisions, an hour apart, and all of it a day ago."""
    for _ in range(4):
        for _ in range(5):
            house.clock.now += 60_000
            ranking = house.rank()
            house.reward(ranking.event_id, float(ranking.chosen.id == "a"))
        house.relay()
        house.train(*house.arrivals())
        house.refresh(after=HOUR)
    house.clock.now += 24 * HOUR
    return house


def found(house: House, job: Job) -> EvaluationResult:
    return results.evaluation(house.memory_objects, job)


def policy_of(result: EvaluationResult, name: str) -> PolicyResult:
    return next(each for each in result.policies if each.name == name)


def test_every_decision_of_the_range_counts_once(house: House) -> None:
    result = found(house, evaluated(house, a_wanted_job(house, policies=(GREEDY,))))
    assert {each.total.events for each in result.policies} == {20}
    assert result.read.segments == 4
    assert result.read.scored == 20


def test_what_was_ranked_outside_of_the_range_is_learned_and_does_not_count(house: House) -> None:
    second = house.commits()[2]
    job = a_wanted_job(house, policies=(GREEDY,), start=second.first_ranked_at + 1)
    result = found(house, evaluated(house, job))
    assert (result.read.scored, result.read.others) == (14, 1)
    learned = policy_of(result, "greedy").learned
    assert learned is not None
    assert (learned.first_line, learned.next_line) == (5, 20)


def test_an_evaluation_ends_before_what_may_yet_be_rewarded(house: House) -> None:
    last = house.commits()[0].last_ranked_at
    wait = house.configuration.reward_wait_ms
    job = a_wanted_job(house, created_at=last + wait)
    assert found(house, evaluated(house, job)).read.scored == 15


def test_a_range_in_which_nothing_counts_is_told_in_words(house: House) -> None:
    jobs = MemoryJobs(house.memory_loops)
    job = a_wanted_job(house, start=house.clock.now - HOUR)
    jobs.create(job)
    with pytest.raises(JobFailed, match="nothing in the log"):
        planned(tasks_of(house, jobs), job)


def test_the_numbers_do_not_depend_on_how_often_a_task_was_repeated_or_cut_off(
    house: House,
) -> None:
    job = a_wanted_job(house, policies=(GREEDY,), optimise=True)
    once = found(house, evaluated(house, job, has_time=lambda: True))
    again = found(house, evaluated(house, job, times=2))
    assert [each.windows for each in again.policies] == [each.windows for each in once.policies]
    assert [each.gain for each in again.policies] == [each.gain for each in once.policies]


def test_the_numbers_do_not_depend_on_the_parts(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = a_wanted_job(house, policies=(GREEDY,))
    whole = found(house, evaluated(house, job))
    monkeypatch.setattr(portions, "PART_SEGMENTS", 1)
    cut = found(house, evaluated(house, job))
    assert [each.windows for each in cut.policies] == [each.windows for each in whole.policies]
    assert (cut.read, cut.policies[-1].learned) == (whole.read, whole.policies[-1].learned)


def test_what_was_gathered_is_added_up_once(house: House) -> None:
    jobs = MemoryJobs(house.memory_loops)
    job = a_wanted_job(house)
    jobs.create(job)
    tasks, store = tasks_of(house, jobs), house.memory_objects
    for part in planned(tasks, job):
        tasks.gather(job.ref, part)
    (study,) = tasks.choose(job.ref)
    store.delete([key for key in store.data if "/gathered-" in key])
    while not tasks.study(job.ref, study, lambda: False):
        pass
    tasks.conclude(job.ref)
    assert found(house, job).read.scored == 20


def test_segments_that_are_lost_are_left_out_counted_and_flagged(house: House) -> None:
    lost = house.commits()[1]
    house.memory_objects.data[lost.log.key] = b"not what was written"
    result = found(house, evaluated(house, a_wanted_job(house, policies=(GREEDY,))))
    assert (result.read.lost, result.read.lost_lines) == (1, 5)
    assert result.read.lost_keys == (lost.log.key,)
    assert policy_of(result, "greedy").total.events == 15
    assert "lostSegments" in {flag.rule for flag in result.flags}
    learned = policy_of(result, "greedy").learned
    assert learned is not None
    assert learned.has_gaps


def test_a_chain_that_breaks_is_flagged(house: House) -> None:
    first = house.commits()[0].previous
    assert first is not None
    del house.memory_objects.data[first.key]
    result = found(house, evaluated(house, a_wanted_job(house)))
    assert result.read.scored == 5
    assert "brokenLog" in {flag.rule for flag in result.flags}


def test_a_model_that_is_evaluated_as_it_is_learns_nothing(house: House) -> None:
    arguments = house.commits()[0].arguments
    frozen = Named("old", arguments, generation=2)
    result = found(house, evaluated(house, a_wanted_job(house, policies=(frozen,))))
    assert policy_of(result, "old").total.events == 20
    assert policy_of(result, "old").learned is None
    assert ("unknownModel", "old") in {(flag.rule, flag.policy) for flag in result.flags}


def test_a_model_is_not_judged_by_what_it_learned(house: House) -> None:
    """And that it knew some of the log is said."""
    second = house.commits()[2]
    taught = second.first_line + second.trained
    frozen = Named("old", second.arguments, generation=2, taught=taught)
    result = found(house, evaluated(house, a_wanted_job(house, policies=(frozen,))))
    assert policy_of(result, "old").total.events == 20 - taught == 10
    assert ("taughtEvents", "old") in {(flag.rule, flag.policy) for flag in result.flags}


def test_bounds_of_what_needs_no_study_are_right_where_a_reward_is_out_of_range() -> None:
    house = learned(House())
    outlier = house.rank()
    house.reward(outlier.event_id, -1.0)
    house.relay()
    house.train(*house.arrivals())
    house.clock.now += 24 * HOUR
    result = found(house, evaluated(house, a_wanted_job(house)))
    low, high = policy_of(result, "online").anytime or (1.0, 0.0)
    served = policy_of(result, "online").total.average_reward
    assert low <= served <= high


def test_the_loops_own_policy_is_a_row_too_and_what_it_decides_by_is_told(house: House) -> None:
    result = found(house, evaluated(house, a_wanted_job(house)))
    own = policy_of(result, RETRAINED)
    assert own.source is PolicySource.OWN
    assert own.total.events == 20
    assert own.learned
    assert result.important == (("i.id+c",), ("i.id+b",))  # a candidate costs its place: 0, 1, 2


def test_a_policy_that_has_the_name_of_the_loops_own_keeps_it(house: House) -> None:
    job = a_wanted_job(house, policies=(replace(GREEDY, name=RETRAINED),))
    result = found(house, evaluated(house, job))
    assert policy_of(result, RETRAINED).source is PolicySource.CUSTOM
    assert policy_of(result, f"{RETRAINED}-2").source is PolicySource.OWN


@pytest.mark.parametrize(
    ("asked", "optimise", "shared"), [(1, False, 1), (3, False, 3), (3, True, 6)]
)
def test_policies_asked_for_share_the_doubt_among_them(
    house: House, asked: int, optimise: bool, shared: int
) -> None:
    """And with those that a search could have found."""
    policies = tuple(replace(GREEDY, name=f"greedy{number}") for number in range(asked))
    done = evaluated(house, a_wanted_job(house, policies=policies, optimise=optimise))
    found = results.evaluation(house.memory_objects, done)
    compared = {p.name: p.compared for p in found.policies if p.source is PolicySource.CUSTOM}
    assert compared == dict.fromkeys((each.name for each in policies), shared)
    assert not any(p.held_out for p in found.policies if p.source is PolicySource.CUSTOM)


def test_what_a_search_finds_has_names_that_nothing_else_has(house: House) -> None:
    result = found(house, evaluated(house, a_wanted_job(house, optimise=True)))
    first, *_ = discovered(result)
    same = (first, f"{first}-found", f"{first}-2")
    policies = tuple(replace(GREEDY, name=name) for name in same)
    again = found(house, evaluated(house, a_wanted_job(house, optimise=True, policies=policies)))
    names = [each.name for each in again.policies]
    assert len(names) == len({*names})
    assert f"{first}-3" in discovered(again)


def discovered(result: EvaluationResult) -> list[str]:
    found = PolicySource.OFFLINE_EXPERIMENTATION
    return [each.name for each in result.policies if each.source is found]


@pytest.mark.parametrize("kind", Kind)
def test_a_chance_of_next_to_nothing_is_evaluated_like_any_other(house: House, kind: Kind) -> None:
    """The weight of what it shows is beyond all numbers."""
    hopeless = Decision((0, 1, 2), (1 - 1e-300, 1e-320, 0.0), ())
    example = an_example(decision=hopeless, features=house.engine.features(a_request()))
    ranked_at = house.clock.now - 24 * HOUR
    joined = a_joined(99, payload=payload.pack(example), ranked_at=ranked_at, final_at=ranked_at)
    house.train(an_arrival(joined, 99))
    done = evaluated(house, a_wanted_job(house, kind, policies=(GREEDY,), optimise=True))
    assert done.status is Status.SUCCEEDED
    if kind is Kind.EVALUATION:
        result = found(house, done)
        assert result.heaviest == math.inf
        assert policy_of(result, "greedy").total.events == 21
        json.loads(windows.shown(done, result, Version.V1_1_PREVIEW_1))


class Refusing(FakeEngine):
    """Takes no policy with these arguments."""

    def __init__(self, refused: str):
        self._refused = refused

    def judge(self, arguments: str, *rest: object) -> Judged:
        if arguments == self._refused:
            raise PolicyUnusable("refused")
        return super().judge(arguments, *rest)  # type: ignore[arg-type]


def test_of_an_own_policy_that_the_learner_refuses_nothing_is_told(house: House) -> None:
    refusing = replace(house, engine=Refusing(own_arguments(house)))
    result = found(house, evaluated(refusing, a_wanted_job(house)))
    assert RETRAINED not in {each.name for each in result.policies}
    assert result.important == ()


def own_arguments(house: House) -> str:
    return policies.read(house.objects, house.head.policy).arguments


def test_a_policy_that_the_learner_refuses_is_flagged_and_the_others_go_on() -> None:
    house = learned(House(engine=Refusing(GREEDY.arguments)))
    done = evaluated(house, a_wanted_job(house, policies=(GREEDY,)))
    assert done.status is Status.SUCCEEDED
    assert ("unusable", "greedy") in {(f.rule, f.policy) for f in found(house, done).flags}


def test_what_is_left_of_a_run_is_its_result_and_the_models_in_it(house: House) -> None:
    """The log was copied for it, and may have to be forgotten."""
    done = evaluated(house, a_wanted_job(house, policies=(GREEDY,)))
    model = policy_of(found(house, done), "greedy").learned
    assert model is not None
    left = {key for key in house.memory_objects.data if key.startswith("evaluation/")}
    own = policy_of(found(house, done), RETRAINED).learned
    assert own is not None
    windows = {key for key in left if "/windows-" in key}
    assert len(windows) == 5
    assert left == {results.key(done), model.model, own.model} | windows


def test_nothing_is_left_of_a_run_that_failed(house: House) -> None:
    jobs = MemoryJobs(house.memory_loops)
    job = a_wanted_job(house)
    jobs.create(job)
    tasks = tasks_of(house, jobs)
    for part in planned(tasks, job):
        tasks.gather(job.ref, part)
    tasks.fail(job.ref, Status.FAILED, "something")
    assert not [key for key in house.memory_objects.data if key.startswith("evaluation/")]


def test_features_are_scored(house: House) -> None:
    done = evaluated(house, a_wanted_job(house, Kind.FEATURES))
    assert done.status is Status.SUCCEEDED
    scores = results.features(house.memory_objects, done).scores
    assert {each.namespace for each in scores} == {"j"}


def test_what_nobody_asked_for_ends_with_what_was_adopted(house: House) -> None:
    done = evaluated(house, a_wanted_job(house, is_automatic=True))
    assert (done.status, done.reason) == (Status.ONLINE_POLICY_RETAINED, "online stays")


@pytest.mark.parametrize("task", ["choose", "conclude"])
def test_nothing_more_is_done_for_a_job_that_is_over(house: House, task: str) -> None:
    jobs = MemoryJobs(house.memory_loops)
    job = a_wanted_job(house)
    jobs.create(job)
    tasks = tasks_of(house, jobs)
    for part in planned(tasks, job):
        tasks.gather(job.ref, part)
    tasks.fail(job.ref, Status.TIMEOUT, "too long")
    call: Callable[..., object] = getattr(tasks, task)
    with pytest.raises(JobFailed):
        call(job.ref)


def test_what_is_planned_stays_however_the_log_grew_and_settings_changed(house: House) -> None:
    """Of what was gathered by then, nothing may be read as another part."""
    jobs = MemoryJobs(house.memory_loops)
    job = a_wanted_job(house)
    jobs.create(job)
    tasks, desk = tasks_of(house, jobs), Desk(house.memory_objects, job.ref)
    parts = planned(tasks, job)
    made = desk.take(PLAN, Plan)
    house.train(an_arrival(a_joined(1, ranked_at=job.start, final_at=job.start + 1), 1_000))
    house.configure(exploration=0.5)
    assert (planned(tasks, job), desk.take(PLAN, Plan)) == (parts, made)


def made_anew(house: House, jobs: MemoryJobs) -> tuple[Job, Job]:
    """A job whose run has come to a study; and the one that has its id since."""
    old = a_wanted_job(house)
    jobs.create(old)
    tasks = tasks_of(house, jobs)
    for part in planned(tasks, old):
        tasks.gather(old.ref, part)
    assert tasks.choose(old.ref)
    jobs.delete(old.loop, old.kind, old.id)
    anew = replace(old, created_at=old.created_at + 1)
    jobs.create(anew)
    return old, anew


@pytest.mark.parametrize("task", ["plan", "gather", "choose", "study", "conclude"])
def test_a_run_whose_job_is_gone_does_nothing_for_another_of_the_same_id(
    house: House, task: str
) -> None:
    jobs = MemoryJobs(house.memory_loops)
    old, anew = made_anew(house, jobs)
    before = {**house.memory_objects.data}
    more = {"plan": (lambda: True,), "gather": (0,), "study": ("s000", lambda: True)}
    call: Callable[..., object] = getattr(tasks_of(house, jobs), task)
    with pytest.raises(JobFailed, match="over"):
        call(old.ref, *more.get(task, ()))
    assert (house.memory_objects.data, [*jobs.of("default", old.kind)]) == (before, [anew])


def test_a_run_whose_job_is_gone_does_not_end_another_of_the_same_id(house: House) -> None:
    jobs = MemoryJobs(house.memory_loops)
    old, anew = made_anew(house, jobs)
    planned(tasks_of(house, jobs), anew)
    anew = jobs.of("default", old.kind)[0]
    before = {**house.memory_objects.data}
    tasks_of(house, jobs).fail(old.ref, Status.FAILED, "something")
    assert (house.memory_objects.data, jobs.of("default", old.kind)) == (before, [anew])


def test_what_a_late_task_writes_is_not_where_another_job_of_the_same_id_looks(
    house: House,
) -> None:
    old, anew = made_anew(house, MemoryJobs(house.memory_loops))
    prefixes = names.job(*old.ref), names.job(*anew.ref)
    assert not prefixes[0].startswith(prefixes[1])
    assert [*house.memory_objects.keys(prefixes[0])]
    assert not [*house.memory_objects.keys(prefixes[1])]


def test_a_job_that_is_over_keeps_its_status(house: House) -> None:
    jobs = MemoryJobs(house.memory_loops)
    job = a_wanted_job(house)
    jobs.create(job)
    tasks = tasks_of(house, jobs)
    tasks.fail(job.ref, Status.TIMEOUT, "too long")
    tasks.fail(job.ref, Status.FAILED, "something else")
    assert [*jobs.of("default", job.kind)] == [
        replace(job, status=Status.TIMEOUT, reason="too long")
    ]
