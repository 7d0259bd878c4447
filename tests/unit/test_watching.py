"""A policy that was put in place is watched, and taken back if the one before was better."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import msgspec
import pytest

from personalizer.adapters.fake import FakeEngine, FakePredictor
from personalizer.adapters.memory_jobs import MemoryJobs
from personalizer.domain import names
from personalizer.domain.evaluation.job import SETTLING_MS, Job, Kind, Status
from personalizer.domain.evaluation.result import Learned
from personalizer.domain.evaluation.watch import WATCHED_MS
from personalizer.domain.loop import Configuration
from personalizer.domain.policy import Policy
from personalizer.domain.replay import NO_REPLAY
from personalizer.domain.request import RankRequest
from personalizer.ports import Opinion, Prediction
from personalizer.usecases import policies, steer
from personalizer.usecases.evaluation.watches import Watches
from personalizer.usecases.evaluation.watching import Watched, Watching
from personalizer.usecases.mandate import OWNER, Mandate
from personalizer.usecases.models.placing import Placing
from personalizer.usecases.models.pupil import Effort
from tests.factories import House, a_job
from tests.faults import Countdown, Crash, FragileBench, FragileJobs, FragileLoops, Overtaken

NEW = "--cb_explore_adf --cb_type mtr -q ij"
MINUTE, HOUR = 60_000, 3_600_000
JOB = a_job(is_automatic=True, status=Status.OPTIMAL_POLICY_APPLIED, optimal="Hyper1")
BY_ITSELF = Mandate(JOB.run)


class Taste(FakePredictor):
    """The new policy's is for the second candidate, any other's for the first."""

    @property
    def best(self) -> int:
        return int(self.arguments == NEW)

    def predict(self, request: RankRequest) -> Prediction:
        order = sorted(range(len(request.candidates)), key=lambda place: place != self.best)
        return Prediction(order, [1.0] + [0.0] * (len(order) - 1))


class Tasteful(FakeEngine):
    def load(self, model: bytes) -> Taste:
        return Taste(model)

    def consult(self, model: bytes, lines: Sequence[bytes]) -> Sequence[Opinion | None]:
        best = self.load(model).best
        return [Opinion([float(place == best) for place in range(3)], ()) for _ in lines]


@dataclass
class Scene:
    """A loop whose policy was replaced a moment ago."""

    house: House = field(
        default_factory=lambda: House(
            Configuration(replay=NO_REPLAY, exploration=0.3, model_export_ms=0), Tasteful()
        )
    )
    luck: random.Random = field(default_factory=lambda: random.Random(7))

    def __post_init__(self) -> None:
        house = self.house
        self.jobs = MemoryJobs(house.memory_loops)
        self.serve(3, {"a": 1.0})
        self.before = house.head
        self.jobs.create(JOB)
        self.apply()
        Watches(house.objects, house.memory_objects).begin(JOB, house.head)
        house.refresh(after=MINUTE)

    @property
    def placing(self) -> Placing:
        house = self.house
        return Placing(house.loops, house.objects, house.engine, house.clock, house.names)

    def apply(self, mandate: Mandate = BY_ITSELF) -> None:
        offset = self.house.memory_loops.state("default").configuration.cost_offset
        learned = Learned("model", NEW, offset, NO_REPLAY, 0, 3, has_gaps=True)
        self.placing.learned(
            "default", Policy("Hyper1", NEW), learned, NEW.encode(), Effort(), mandate
        )

    def serve(self, events: int, pays: dict[str, float]) -> None:
        """Within half an hour; by the chosen action, with what chance it pays."""
        house, begun = self.house, len(self.house.hub.records)
        for _ in range(events):
            ranking = house.rank()
            paid = self.luck.random() < pays.get(ranking.chosen.id, 0.0)
            house.reward(ranking.event_id, int(paid))
            house.clock.now += HOUR // 2 // events
        house.relay(announce=False)
        house.train(*house.arrivals()[begun:])

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

    def die(self, countdown: Countdown) -> None:
        """In the next look."""
        house, jobs = self.house, self.jobs
        house.loops = FragileLoops(house.memory_loops, countdown)
        house.objects = bench = FragileBench(house.memory_objects, countdown)
        fragile = FragileJobs(jobs, countdown)
        house.clock.now += HOUR // 2
        watching = Watching(
            fragile, house.loops, house.objects, bench, house.engine, house.clock, house.names
        )
        with pytest.raises(Crash):
            watching("default", lambda: True)
        house.loops, house.objects = house.memory_loops, house.memory_objects

    def look(self, has_time: Callable[[], bool] = lambda: True) -> Watched | None:
        """In the next hour."""
        self.house.clock.now += HOUR // 2
        return self.watching()("default", has_time)

    @property
    def job(self) -> Job:
        found = self.jobs.get("default", Kind.EVALUATION, JOB.id)
        assert found
        return found

    @property
    def arguments(self) -> str:
        return policies.read(self.house.objects, self.house.head.policy).arguments


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_a_policy_that_does_worse_is_taken_back(scene: Scene) -> None:
    scene.serve(600, {"a": 0.9, "b": 0.1})
    found = scene.look()
    assert found
    assert (found.events, found.is_rolled_back) == (600, True)
    assert found.gain[0] > 0
    assert scene.job.status is Status.ONLINE_POLICY_RETAINED
    assert "taken back" in scene.job.reason


def test_the_loop_goes_on_from_the_model_that_it_had(scene: Scene) -> None:
    scene.serve(600, {"a": 0.9, "b": 0.1})
    scene.look()
    head, objects = scene.house.head, scene.house.memory_objects
    assert head.latest
    assert scene.before.latest
    assert objects.get(head.latest.object) == objects.get(scene.before.latest.object)
    assert scene.arguments == policies.read(objects, scene.before.policy).arguments


def test_a_policy_that_does_as_well_stays(scene: Scene) -> None:
    for _ in range(3):
        scene.serve(200, {"a": 0.5, "b": 0.5, "c": 0.5})
        found = scene.look()
        assert found
        assert not found.is_rolled_back
    assert scene.arguments == NEW
    assert scene.job.status is Status.OPTIMAL_POLICY_APPLIED


def test_every_decision_counts_once(scene: Scene) -> None:
    events = 0
    for number in (10, 20, 30):
        scene.serve(number, {})
        events += number
        for _ in range(2):
            found = scene.look()
            assert found
            assert found.events == events


def test_what_may_still_earn_something_is_waited_for(scene: Scene) -> None:
    scene.serve(10, {})
    found = scene.watching()("default", lambda: True)
    assert found
    assert found.events == 5  # in half an hour, of which a quarter is too new


def test_who_has_no_time_looks_another_time(scene: Scene) -> None:
    scene.serve(10, {})
    found = scene.look(lambda: False)
    assert found
    assert (found.events, found.is_behind) == (0, True)
    found = scene.look()
    assert found
    assert (found.events, found.is_behind) == (10, False)


def in_steps(of: int) -> Callable[[], bool]:
    """There is time for so many."""
    left = iter(range(of - 1, -1, -1))
    return lambda: next(left, 0) > 0


def test_what_was_found_by_the_end_of_time_need_not_be_found_again(scene: Scene) -> None:
    for _ in range(12):
        scene.serve(5, {})
        scene.house.clock.now += MINUTE
    scene.house.clock.now += HOUR
    hours = 0
    while (found := scene.look(in_steps(3))) and found.is_behind:
        assert found.events == 0
        hours += 1
    assert found
    assert (found.events, 3 < hours < 10) == (60, True)


def test_it_comes_to_the_same_however_often_time_ran_out(scene: Scene) -> None:
    for _ in range(12):
        scene.serve(20, {"a": 0.5, "b": 0.5})
    scene.house.clock.now += HOUR
    begun, laid = scene.house.clock.now, {**scene.house.memory_objects.data}
    whole = scene.look()
    scene.house.memory_objects.data, hours = laid, 0
    cut: Watched | None = None
    while cut is None or cut.is_behind:
        scene.house.clock.now = begun + hours * MINUTE
        cut, hours = scene.look(in_steps(3)), hours + 1
    assert hours > 3
    assert cut == whole


def test_what_came_while_it_was_behind_is_looked_at_next(scene: Scene) -> None:
    scene.serve(10, {})
    scene.look(lambda: False)
    scene.serve(20, {})
    events = []
    for _ in range(2):
        found = scene.look()
        assert found
        events.append(found.events)
    assert events == [10, 30]


@pytest.mark.parametrize("harm", ["gone", "corrupt"])
def test_what_comes_before_a_broken_link_of_the_chain_tells_nothing(
    scene: Scene, harm: str
) -> None:
    for _ in range(3):
        scene.serve(10, {})
    broken = scene.house.commits()[0].previous
    assert broken
    scene.house.memory_objects.data[broken.key] = b"not a commit"
    if harm == "gone":
        scene.house.memory_objects.delete([broken.key])
    scene.house.clock.now += HOUR
    found = scene.look()
    assert found
    assert (found.events, found.is_behind) == (10, False)


def test_a_commit_of_a_clock_that_is_late_is_looked_at(scene: Scene) -> None:
    """By half a minute: it was made before what is new was ranked."""
    scene.serve(10, {})
    scene.look()
    house = scene.house
    until = house.clock.now - house.configuration.reward_wait_ms - SETTLING_MS
    scene.serve(1, {})
    newest, state = house.commits()[0], house.memory_loops.state("default")
    late = replace(newest, model=replace(newest.model, made_at=until - MINUTE // 2))
    ref = house.memory_objects.put("commit/default/late.json", msgspec.json.encode(late))
    house.memory_loops.advance(state.head, replace(state.head, commit=ref))
    house.clock.now += HOUR
    found = scene.look()
    assert found
    assert found.events == 11


def test_another_policy_that_somebody_chose_is_left_alone(scene: Scene) -> None:
    scene.house.set_policy("--cb_explore_adf --cb_type mtr -q jj")
    scene.serve(600, {"a": 0.9, "b": 0.1})
    assert scene.look() is None
    assert scene.job.status is Status.OPTIMAL_POLICY_APPLIED


def test_after_two_weeks_nobody_looks_any_more(scene: Scene) -> None:
    scene.serve(10, {})
    scene.house.clock.now += WATCHED_MS
    scene.serve(600, {"a": 0.9, "b": 0.1})
    found = scene.look()
    assert found
    assert found.events == 10
    assert scene.look() is None


def test_a_roll_back_that_was_not_noted_is_noted_later(scene: Scene) -> None:
    scene.serve(600, {"a": 0.9, "b": 0.1})
    scene.look()
    scene.jobs.replace(scene.job, JOB)  # as if its writer had died
    head = scene.house.head
    scene.look()
    assert scene.job.status is Status.ONLINE_POLICY_RETAINED
    assert scene.house.head == head


def test_without_the_model_the_policy_at_least_goes_back(scene: Scene) -> None:
    scene.serve(600, {"a": 0.9, "b": 0.1})
    scene.house.configure(cost_offset=0.5)  # which its model was not taught with
    scene.look()
    old = policies.read(scene.house.objects, scene.before.policy)
    assert scene.arguments == old.arguments
    assert scene.job.status is Status.ONLINE_POLICY_RETAINED


@pytest.mark.parametrize("harm", ["gone", "corrupt"])
def test_once_the_model_cannot_be_read_the_watch_is_over(scene: Scene, harm: str) -> None:
    assert scene.before.latest
    scene.serve(600, {"a": 0.9, "b": 0.1})
    key = scene.before.latest.object.key
    scene.house.memory_objects.data[key] = b"not a model"
    if harm == "gone":
        scene.house.memory_objects.delete([key])
    found = scene.look()
    assert found
    assert (found.events, found.is_rolled_back) == (0, False)
    assert scene.look() is None


def test_a_segment_that_is_lost_tells_nothing(scene: Scene) -> None:
    for _ in range(2):
        scene.serve(10, {})
    scene.house.memory_objects.delete([scene.house.commits()[0].log.key])
    scene.house.clock.now += HOUR
    found = scene.look()
    assert found
    assert found.events == 10


def test_a_large_log_is_looked_at_in_part(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("personalizer.usecases.evaluation.lookback.MOST_LINES", 100)
    for _ in range(40):
        scene.serve(5, {})
    scene.house.clock.now += HOUR
    found = scene.look()
    assert found
    assert 50 < found.events < 150


def test_what_somebody_applied_by_hand_is_not_watched(scene: Scene) -> None:
    scene.jobs.replace(JOB, replace(JOB, is_automatic=False))
    scene.serve(10, {})
    assert scene.look() is None


def test_the_same_policy_is_the_owners_once_the_owner_has_applied_it(scene: Scene) -> None:
    scene.apply(OWNER)
    scene.house.refresh(after=MINUTE)
    scene.serve(600, {"a": 0.9, "b": 0.1})
    assert scene.look() is None
    assert scene.arguments == NEW


# --------------------------------------------- what the loop's owner does meanwhile


def another_policy(scene: Scene) -> None:
    scene.house.set_policy("--cb_explore_adf --cb_type mtr -q jj")


def no_model(scene: Scene) -> None:
    steer.reset(scene.house.loops, "default", scene.house.names())


def another_model(scene: Scene) -> None:
    scene.placing.adopt("default", b"--cb_explore_adf\nlong\nago")


def the_same_policy(scene: Scene) -> None:
    scene.apply(OWNER)


CHOICES = (another_policy, no_model, another_model, the_same_policy)


def other_costs(scene: Scene) -> None:
    """With which the model before was not taught."""
    scene.house.configure(cost_offset=0.5)


def nothing_more(_scene: Scene) -> None:
    """The model before can be had."""


@pytest.mark.parametrize("hindrance", [nothing_more, other_costs])
@pytest.mark.parametrize("choose", CHOICES)
def test_what_the_owner_chooses_in_the_very_last_moment_is_not_taken_back(
    scene: Scene, choose: Callable[[Scene], None], hindrance: Callable[[Scene], None]
) -> None:
    house = scene.house
    scene.serve(600, {"a": 0.9, "b": 0.1})
    hindrance(scene)

    def act() -> None:
        house.loops = house.memory_loops
        choose(scene)

    house.loops = FragileLoops(house.memory_loops, Overtaken(0, act))
    assert scene.look() is None
    assert house.head.epoch == 3
    for _ in range(2):
        assert scene.job.status is Status.OPTIMAL_POLICY_APPLIED
        assert scene.look() is None


def test_a_model_that_the_owner_had_reset_is_not_brought_back(scene: Scene) -> None:
    """The evaluation was made before anything was learned anew."""
    house = scene.house
    no_model(scene)
    later = replace(JOB, id="e-2", created_at=JOB.created_at + 1, epoch=house.head.epoch)
    scene.jobs.create(later)
    scene.apply(Mandate(later.run))
    house.refresh(after=MINUTE)
    scene.serve(600, {"a": 0.9, "b": 0.1})
    assert scene.look() is None
    assert scene.arguments == NEW


def test_a_trainer_that_is_faster_does_not_keep_it_from_going_back(scene: Scene) -> None:
    house = scene.house
    scene.serve(600, {"a": 0.9, "b": 0.1})

    def act() -> None:
        house.loops = house.memory_loops
        scene.serve(1, {})

    house.loops = FragileLoops(house.memory_loops, Overtaken(0, act))
    found = scene.look()
    assert found
    assert found.is_rolled_back
    assert house.head.epoch == 3


# ------------------------------------------------------------------ whenever it dies


WRITES = 8
"""That it is attended, the watch, the policy, its model, an empty log, the commit, the head, and
the status."""


@pytest.mark.parametrize("write", range(WRITES))
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_whenever_a_look_dies_the_next_goes_back_once_and_tells(
    scene: Scene, write: int, after: bool
) -> None:
    scene.serve(600, {"a": 0.9, "b": 0.1})
    scene.die(Countdown(write, after=after))
    for _ in range(2):
        scene.look()
        assert scene.house.head.epoch == 3
        assert scene.job.status is Status.ONLINE_POLICY_RETAINED
        assert "Hyper1 was applied, did worse" in scene.job.reason
    assert scene.arguments == policies.read(scene.house.objects, scene.before.policy).arguments


def test_what_the_last_look_found_out_is_done_though_it_died(scene: Scene) -> None:
    scene.serve(600, {"a": 0.9, "b": 0.1})
    scene.house.clock.now += WATCHED_MS
    scene.die(Countdown(1, after=True))
    scene.look()
    assert scene.job.status is Status.ONLINE_POLICY_RETAINED


@pytest.mark.parametrize("end", [Status.RUNNING, Status.FAILED, Status.TIMEOUT, Status.CANCELED])
def test_what_a_run_applied_right_before_it_died_is_taken_back_too(
    scene: Scene, end: Status
) -> None:
    scene.jobs.replace(JOB, replace(JOB, status=end, optimal=""))
    scene.house.memory_objects.delete(scene.house.memory_objects.keys(names.job(*JOB.ref)))
    scene.serve(600, {"a": 0.9, "b": 0.1})
    found = scene.look()
    assert found
    assert (found.events, found.is_rolled_back) == (600, True)
    assert scene.job.status is Status.ONLINE_POLICY_RETAINED
    assert "Hyper1 was applied, did worse" in scene.job.reason


def test_what_was_taken_back_is_told_though_the_owner_has_reset_the_loop_since(
    scene: Scene,
) -> None:
    scene.serve(600, {"a": 0.9, "b": 0.1})
    scene.die(Countdown(6, after=True))
    assert scene.job == JOB
    no_model(scene)
    assert scene.look() is None
    assert scene.job.status is Status.ONLINE_POLICY_RETAINED
