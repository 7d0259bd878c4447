"""What an evaluation found takes the place of what the loop had, in one step or not at all."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from personalizer.adapters.fake import FakeEngine
from personalizer.adapters.memory_jobs import MemoryJobs, MemoryRunner
from personalizer.domain import names
from personalizer.domain.commit import Commit, Source
from personalizer.domain.evaluation.job import Job, Named, Status
from personalizer.domain.evaluation.result import Learned, PolicyResult
from personalizer.domain.loop import Configuration
from personalizer.domain.replay import NO_REPLAY, Replay
from personalizer.errors import (
    CostsChanged,
    JobNotFound,
    JobUnfinished,
    LostRace,
    ModelNotEvaluated,
    PolicyNotEvaluated,
)
from personalizer.ports import Lesson
from personalizer.usecases import chain, policies, steer
from personalizer.usecases.evaluation import results
from personalizer.usecases.evaluation.apply import ApplyEvaluation
from personalizer.usecases.evaluation.jobs import Evaluations
from personalizer.usecases.lessons import Course, lessons
from personalizer.usecases.models.placing import Placing
from personalizer.usecases.models.pupil import Effort
from personalizer.usecases.verify import Verify
from tests.evaluations import a_policy_result, a_result
from tests.factories import NOW, House, a_job, a_joined, an_arrival
from tests.faults import Countdown, Crash, FragileLoops, FragileObjects, Overtaken

FOUND = "--cb_explore_adf --first_only"
MANY = Replay(events=2, reach=3, busiest=1e9)


def a_house(generations: int, replay: Replay = NO_REPLAY, **settings: Any) -> House:
    """With so many commits of two lines each."""
    configuration = replace(Configuration(), replay=replay, **settings)
    house = House(configuration=configuration)
    train(house, range(1, generations + 1))
    return house


def train(house: House, numbers: Iterable[int]) -> None:
    for number in numbers:
        house.clock.now += 1
        pair = (2 * number, 2 * number + 1)
        house.train(*(an_arrival(a_joined(each), each) for each in pair))


def learned(house: House, first: int, following: int, **changes: Any) -> tuple[Learned, bytes]:
    """What an evaluation learns of these lines of the log."""
    configuration = house.memory_loops.state("default").configuration
    course = Course(FOUND, configuration.cost_offset, configuration.replay)
    log = [line for commit in reversed(house.commits()) for line in segment(house, commit)]
    taught = [each.line for each in lessons(course, log[first:following], first)]
    model = house.engine.learn(FOUND, None, taught).model
    key = names.job(*a_job().ref) + "study-s000.vw"
    house.memory_objects.write(key, model)
    told = Learned(key, FOUND, course.cost_offset, course.replay, first, following)
    return replace(told, **changes), model


def segment(house: House, commit: Commit) -> list[bytes]:
    return chain.segment(house.memory_objects, commit)


def evaluated(house: House, found: PolicyResult, **changes: Any) -> MemoryJobs:
    """The loop's evaluations: one, that found this."""
    jobs = MemoryJobs(house.memory_loops)
    job = a_job(status=Status.SUCCEEDED, **changes)
    jobs.create(job)
    results.write(house.memory_objects, job, a_result(found))
    return jobs


def applied(
    house: House, jobs: MemoryJobs, name: str = "Hyper1", effort: Effort | None = None
) -> int | None:
    bench = house.memory_objects
    evaluations = Evaluations(jobs, house.loops, bench, bench, MemoryRunner(), house.clock)
    placing = Placing(house.loops, house.objects, house.engine, house.clock, house.names)
    return ApplyEvaluation(evaluations, bench, placing, effort)("default", "e-1", name)


def hyper(told: Learned | None, **changes: Any) -> PolicyResult:
    return a_policy_result(arguments=FOUND, learned=told, **{"name": "Hyper1", **changes})


def is_verified(house: House) -> bool:
    verdicts = [*Verify(house.loops, house.objects, house.engine)("default")]
    return all(verdict.same and verdict.stored for verdict in verdicts)


@pytest.mark.parametrize("replay", [NO_REPLAY, MANY, replace(MANY, reach=100)])
@pytest.mark.parametrize(("first", "following"), [(0, 10), (0, 4), (0, 5), (2, 10), (3, 7)])
def test_the_log_makes_the_applied_model_again(replay: Replay, first: int, following: int) -> None:
    """It has learned the rest of the log too, as the trainer would have taught it."""
    house = a_house(5, replay)
    told, _ = learned(house, first, following)
    assert applied(house, evaluated(house, hyper(told))) == 6
    commit = house.commits()[0]
    assert (commit.source, commit.relearned, commit.trained) == (Source.LEARNED, 10 - first, 0)
    assert (commit.arguments, commit.base) == (FOUND, None)
    assert is_verified(house)


def test_the_loop_learns_on_from_it() -> None:
    house = a_house(4, MANY)
    told, _ = learned(house, 0, 4)
    applied(house, evaluated(house, hyper(told)))
    train(house, [5, 6])
    newest, last, taken, *_ = house.commits()
    assert newest.base == last.model
    assert last.base == taken.model
    assert newest.arguments == FOUND
    assert is_verified(house)


def test_it_is_served_at_once_and_its_policy_stands_in_the_history() -> None:
    house = a_house(3)
    told, _ = learned(house, 0, 6)
    applied(house, evaluated(house, hyper(told)))
    served = house.head.served(house.clock.now)
    assert served
    assert served.generation == 4
    newest, before = policies.history(house.objects, house.head.policy)
    assert (newest.policy.name, newest.policy.arguments) == ("Hyper1", FOUND)
    assert newest.policy.set_at == house.clock.now
    assert before.policy.name == "default"
    assert house.head.epoch == 2


def test_a_replay_that_was_changed_since_is_the_models_own_until_it_goes_on() -> None:
    house = a_house(4, MANY)
    told, _ = learned(house, 0, 5)
    house.configure(replay=NO_REPLAY)
    applied(house, evaluated(house, hyper(told)))
    assert house.commits()[0].replay == MANY
    assert is_verified(house)


def test_a_model_that_is_lost_later_is_made_again_from_the_log() -> None:
    house = a_house(3, MANY)
    told, _ = learned(house, 0, 4)
    applied(house, evaluated(house, hyper(told)))
    latest = house.head.latest
    assert latest
    model = house.memory_objects.data.pop(latest.object.key)
    train(house, [4])
    assert house.commits()[0].base is not None
    again = chain.model(house.objects, house.engine, house.commits()[1], 100, 10**6)
    assert again == (model, True)


# -------------------------------------------------------------- taken as it is


def gaps(house: House) -> tuple[Learned, bytes]:
    return learned(house, 0, 4, has_gaps=True)


def reset_since(house: House) -> tuple[Learned, bytes]:
    found = learned(house, 0, 4)
    steer.reset(house.loops, "default", house.names())
    return found


def spoiled_since(house: House) -> tuple[Learned, bytes]:
    found = learned(house, 0, 4)
    house.memory_objects.data[house.commits()[0].log.key] = b"spoiled"
    return found


def from_another_log(house: House) -> tuple[Learned, bytes]:
    told, model = learned(house, 0, 4)
    return replace(told, next_line=99), model


@pytest.mark.parametrize("state", [gaps, reset_since, spoiled_since, from_another_log])
def test_a_model_that_the_log_cannot_make_again_is_taken_as_it_is(
    state: Callable[[House], tuple[Learned, bytes]],
) -> None:
    house = a_house(4)
    told, model = state(house)
    applied(house, evaluated(house, hyper(told)))
    commit = house.commits()[0]
    assert (commit.source, commit.arguments) == (Source.IMPORTED, FOUND)
    assert house.memory_objects.get(commit.model.object) == model


@pytest.mark.parametrize("effort", [Effort(lines=3), Effort(size=10), Effort(milliseconds=-1)])
def test_a_model_that_has_too_much_to_learn_first_is_taken_as_it_is(effort: Effort) -> None:
    house = a_house(4)
    told, model = learned(house, 0, 4)
    applied(house, evaluated(house, hyper(told)), effort=effort)
    commit = house.commits()[0]
    assert commit.source is Source.IMPORTED
    assert house.memory_objects.get(commit.model.object) == model
    assert is_verified(house)


def test_what_there_is_nothing_left_to_learn_for_takes_no_effort() -> None:
    house = a_house(4)
    told, _ = learned(house, 0, 8)
    applied(house, evaluated(house, hyper(told)), effort=Effort(0, 0, -1))
    assert house.commits()[0].source is Source.LEARNED
    assert is_verified(house)


class Squeamish(FakeEngine):
    """It refuses whatever it is taught."""

    def learn(self, arguments: str, base: bytes | None, lines: Sequence[bytes]) -> Lesson:
        return replace(super().learn(arguments, base, lines), rejections=["no"] * len(lines))


def test_a_model_that_refuses_a_line_is_taken_without_the_rest() -> None:
    house = a_house(3)
    told, model = learned(house, 0, 4)
    house.engine = Squeamish()
    applied(house, evaluated(house, hyper(told)))
    commit = house.commits()[0]
    assert commit.source is Source.IMPORTED
    assert house.memory_objects.get(commit.model.object) == model


# -------------------------------------------------------------------- frozen


def test_an_earlier_model_that_was_evaluated_as_it_is_is_gone_back_to() -> None:
    house = a_house(3)
    frozen = hyper(None, name="then")
    jobs = evaluated(house, frozen, policies=(Named("then", FOUND, 2),))
    assert applied(house, jobs, "then") == 4
    commit, _, second, _ = house.commits()
    assert (commit.source, commit.model.object.sha256) == (
        Source.RESTORED,
        second.model.object.sha256,
    )


def test_an_earlier_model_that_is_lost_cannot_be_applied() -> None:
    house = a_house(3)
    house.memory_objects.data.pop(house.commits()[1].model.object.key)
    jobs = evaluated(house, hyper(None, name="then"), policies=(Named("then", FOUND, 2),))
    with pytest.raises(ModelNotEvaluated):
        applied(house, jobs, "then")


# ------------------------------------------------------------------- refused


def test_what_was_served_stays_as_it_is() -> None:
    house = a_house(2)
    before = house.head
    assert applied(house, evaluated(house, hyper(None)), "online") is None
    assert house.head == before


@pytest.mark.parametrize("name", ["baseline1", "baselineRand", "other", ""])
def test_what_no_loop_can_learn_by_cannot_be_applied(name: str) -> None:
    house = a_house(2)
    before = house.head
    with pytest.raises(PolicyNotEvaluated):
        applied(house, evaluated(house, hyper(None)), name)
    assert house.head == before


def test_a_policy_without_a_model_cannot_be_applied() -> None:
    house = a_house(2)
    with pytest.raises(ModelNotEvaluated):
        applied(house, evaluated(house, hyper(None)))
    told, _ = learned(house, 0, 4)
    house.memory_objects.delete([told.model])
    with pytest.raises(ModelNotEvaluated):
        applied(house, evaluated(house, hyper(told)))


@pytest.mark.parametrize("status", [Status.RUNNING, Status.FAILED, Status.CANCELED])
def test_nothing_can_be_applied_of_what_did_not_come_to_an_end(status: Status) -> None:
    house = a_house(2)
    jobs = MemoryJobs(house.memory_loops)
    jobs.create(a_job(status=status))
    with pytest.raises(JobUnfinished):
        applied(house, jobs)


def test_nothing_can_be_applied_of_what_is_not_there() -> None:
    house = a_house(2)
    with pytest.raises(JobNotFound):
        applied(house, MemoryJobs(house.memory_loops))


def test_a_model_of_other_costs_would_mislead_what_it_learns_next() -> None:
    house = a_house(2)
    told, _ = learned(house, 0, 4)
    house.configure(cost_offset=0.0)
    before = house.head
    with pytest.raises(CostsChanged):
        applied(house, evaluated(house, hyper(told)))
    assert house.head == before


# --------------------------------------------------------------------- races


def test_a_trainer_under_way_cannot_overwrite_it() -> None:
    house = a_house(3)
    told, _ = learned(house, 0, 4)
    jobs = evaluated(house, hyper(told))
    just_before_the_head_moves = Overtaken(0, lambda: apply_now(house, jobs))
    house.loops = FragileLoops(house.memory_loops, just_before_the_head_moves)
    train(house, [4])
    newest, taken, *_ = house.commits()
    assert (newest.arguments, newest.base) == (FOUND, taken.model)
    assert len(house.logged()) == 8
    house.loops = house.memory_loops
    assert is_verified(house)


def apply_now(house: House, jobs: MemoryJobs) -> None:
    house.loops = house.memory_loops
    applied(house, jobs)


def test_what_a_faster_trainer_adds_is_learned_before_the_next_try() -> None:
    house = a_house(3)
    told, _ = learned(house, 0, 4)
    jobs = evaluated(house, hyper(told))
    train_meanwhile = Overtaken(0, lambda: with_the_real_store(house, [4]))
    house.loops = FragileLoops(house.memory_loops, train_meanwhile)
    assert applied(house, jobs) == 5
    commit = house.commits()[0]
    assert (commit.source, commit.relearned) == (Source.LEARNED, 8)
    house.loops = house.memory_loops
    assert is_verified(house)


def with_the_real_store(house: House, numbers: list[int]) -> None:
    overtaken, house.loops = house.loops, house.memory_loops
    train(house, numbers)
    house.loops = overtaken


def test_whoever_is_always_too_late_gives_up_and_has_changed_nothing() -> None:
    house = a_house(2)
    told, _ = learned(house, 0, 4)
    jobs, before = evaluated(house, hyper(told)), house.head
    house.loops = FragileLoops(house.memory_loops, Countdown(99), beaten=99)
    with pytest.raises(LostRace):
        applied(house, jobs)
    assert house.head == before


@pytest.mark.parametrize("writes", range(5))
def test_a_crash_on_the_way_changes_nothing(writes: int) -> None:
    house = a_house(2)
    told, _ = learned(house, 0, 2)
    jobs, before = evaluated(house, hyper(told)), house.head
    countdown = Countdown(writes)
    house.objects = FragileObjects(house.memory_objects, countdown)
    house.loops = FragileLoops(house.memory_loops, countdown)
    with pytest.raises(Crash):
        applied(house, jobs)
    assert house.head == before
    house.objects, house.loops = house.memory_objects, house.memory_loops
    assert applied(house, jobs) == 3
    assert is_verified(house)


def test_an_evaluation_of_another_loop_is_none_of_this_one() -> None:
    house = a_house(2)
    house.add_loop("other")
    jobs = MemoryJobs(house.memory_loops)
    jobs.create(Job("other", a_job().kind, "e-1", "", NOW, NOW + 1, NOW, "v1.0", 1))
    with pytest.raises(JobNotFound):
        applied(house, jobs)
