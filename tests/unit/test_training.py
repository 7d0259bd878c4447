"""Training: every event once, whatever the hub and the process do."""

import gzip
import json
from collections.abc import Sequence
from decimal import Decimal

import pytest

from personalizer import payload
from personalizer.adapters.fake import FakeEngine
from personalizer.domain.dedupe import WINDOW_MS
from personalizer.domain.event import LearningMode
from personalizer.domain.loop import DEFAULT_POLICY, Configuration, LoopState
from personalizer.domain.policy import Policy, canonical, without_cubic
from personalizer.domain.replay import NO_REPLAY
from personalizer.errors import InfrastructureError, LostRace
from personalizer.ports import Lesson
from personalizer.usecases.steer import set_policy
from personalizer.usecases.training import Trained
from personalizer.usecases.training.lines import Arrival
from personalizer.usecases.verify import Verify
from tests.factories import NOW, House, a_joined, a_uid, an_arrival, an_example
from tests.faults import Countdown, Crash, FragileLoops, FragileObjects

DAY = 24 * 3_600_000


def batch(*numbers: int, first: int = 1) -> list[Arrival]:
    return [an_arrival(a_joined(n), first + i) for i, n in enumerate(numbers)]


def reasons(house: House) -> dict[str, str]:
    return {uid: reason for (_, uid), (reason, _) in house.quarantine.records.items()}


# Once


def test_a_batch_is_learned_in_its_order() -> None:
    house = House()
    assert house.train(*batch(2, 1, 3)) == [Trained("default", 1, 3, 0, 0)]
    assert house.learned() == house.logged() == ["e-2", "e-1", "e-3"]


def test_a_batch_that_comes_again_teaches_nothing() -> None:
    house = House()
    house.train(*batch(1, 2))
    assert house.train(*batch(1, 2)) == [Trained("default", 1, 0, 0, 2)]


def test_events_that_come_again_under_new_sequence_numbers_teach_nothing() -> None:
    house = House()
    house.train(*batch(1, 2))
    assert house.train(*batch(2, 1, first=10)) == [Trained("default", 1, 0, 0, 2)]


def test_only_the_new_part_of_a_batch_is_learned() -> None:
    house = House()
    house.train(*batch(1, 2))
    assert house.train(*batch(1, 3, 2, 3, first=10)) == [Trained("default", 2, 1, 0, 3)]
    assert house.learned() == ["e-1", "e-2", "e-3"]


def test_an_event_is_recognised_in_another_shard() -> None:
    house = House()
    house.train(*batch(1))
    assert house.train(an_arrival(a_joined(1), 7, shard="t"))[0].repeated == 1


def test_an_event_is_recognised_a_day_and_many_segments_later() -> None:
    house = House()
    house.train(*batch(1))
    house.clock.now += DAY
    house.train(an_arrival(a_joined(2, final_at=NOW + DAY), 5))
    assert house.train(*batch(1, first=10))[0].repeated == 1


def test_an_event_too_old_to_be_proven_new_is_set_aside() -> None:
    house = House()
    late = NOW + WINDOW_MS + DAY
    house.clock.now = late
    house.train(an_arrival(a_joined(1, final_at=late), 1))
    assert house.train(*batch(2, first=5)) == [Trained("default", 1, 0, 1, 0)]
    assert reasons(house) == {a_uid(2): "older than the dedupe window"}


def test_an_event_from_the_future_does_not_close_the_window() -> None:
    house = House()
    house.train(an_arrival(a_joined(1, final_at=NOW + 100 * DAY), 1))
    assert house.train(*batch(2, first=5))[0].learned == 1


def test_announcements_are_not_for_training() -> None:
    house = House()
    house.rank()
    house.relay()
    assert house.train(*house.arrivals()) == []


# Commits


def test_commits_link_back_to_the_first() -> None:
    house = House()
    for number in (1, 2, 3):
        house.train(*batch(number, first=number))
    chain = house.commits()
    assert [c.generation for c in chain] == [3, 2, 1]
    assert [c.base and c.base.generation for c in chain] == [2, 1, None]
    assert [c.first_line for c in chain] == [2, 1, 0]


def test_a_commit_says_what_was_trained_on_what() -> None:
    house = House(Configuration(cost_offset=0.5, replay=NO_REPLAY))
    times = {"ranked_at": NOW - 5}
    house.train(an_arrival(a_joined(1, **times), 1), an_arrival(a_joined(2), 2))
    [commit] = house.commits()
    assert (commit.trained, commit.quarantined, commit.cost_offset) == (2, 0, 0.5)
    assert (commit.first_ranked_at, commit.last_ranked_at) == (NOW - 5, NOW)
    assert (commit.policy, commit.arguments) == (house.head.policy, DEFAULT_POLICY)


def test_the_head_counts_what_was_trained() -> None:
    house = House()
    house.train(*batch(1, 2))
    house.train(*batch(3, first=3))
    assert house.head.trained == 3


@pytest.mark.parametrize(("reward", "cost"), [("0.25", 0.75), ("-1", 1.0), ("1", 0.0), ("9", 0.0)])
def test_the_cost_is_offset_less_reward_within_the_policys_range(reward: str, cost: float) -> None:
    house = House()
    house.train(an_arrival(a_joined(1, reward=Decimal(reward)), 1))
    assert json.loads(house.lines()[0])["_label_cost"] == cost


def test_the_log_keeps_the_cost_that_every_tool_reads() -> None:
    house = House()
    house.train(an_arrival(a_joined(1, reward=Decimal("0.25")), 1))
    log = gzip.decompress(house.memory_objects.get(house.commits()[0].log))
    assert json.loads(log)["_label_cost"] == -0.25


def test_the_log_of_the_same_events_has_the_same_bytes() -> None:
    one, two = House(), House()
    one.train(*batch(1, 2))
    two.train(*batch(1, 2))
    assert one.commits()[0].log == two.commits()[0].log


def test_another_policy_starts_a_new_model() -> None:
    house = House()
    house.train(*batch(1))
    house.set_policy("--cb_explore_adf")
    house.train(*batch(2, first=2))
    latest = house.commits()[0]
    assert (latest.arguments, latest.base, latest.relearned) == ("--cb_explore_adf", None, 1)


def test_a_model_goes_on_at_another_pace() -> None:
    house = House()
    house.train(*batch(1))
    house.set_policy(f"{DEFAULT_POLICY} --power_t 0.4")
    house.train(*batch(2, first=2))
    latest, earlier = house.commits()
    assert (latest.base, latest.relearned) == (earlier.model, 0)
    assert latest.arguments == canonical(f"{earlier.arguments} --power_t 0.4")
    assert house.learned() == ["e-1", "e-2"]


def test_another_cost_offset_starts_a_new_model() -> None:
    house = House()
    house.train(*batch(1))
    house.configure(cost_offset=0.5)
    house.train(*batch(2, first=2))
    assert (house.commits()[0].base, house.learned()) == (None, ["e-1", "e-2"])


# How far back a new model looks


def test_a_new_model_learns_again_what_was_ranked_in_the_last_days() -> None:
    house = House(Configuration(model_retrain_days=10, replay=NO_REPLAY))
    for number, day in ((1, 0), (2, 5), (3, 12)):
        house.train(an_arrival(a_joined(number, ranked_at=NOW + day * DAY), number))
    house.set_policy("--cb_explore_adf")
    house.train(*batch(4, first=4))
    assert house.learned() == ["e-2", "e-3", "e-4"]
    assert house.commits()[0].relearned == 2


def test_a_late_event_does_not_end_the_look_back() -> None:
    house = House(Configuration(model_retrain_days=10, replay=NO_REPLAY))
    for number, day in ((1, 0), (2, 50), (3, 0), (4, 50)):
        house.train(an_arrival(a_joined(number, ranked_at=NOW + day * DAY), number))
    house.set_policy("--cb_explore_adf")
    house.train(*batch(5, first=5))
    assert house.learned() == ["e-2", "e-3", "e-4", "e-5"]


def test_without_days_a_new_model_learns_again_all_there_is() -> None:
    house = House()
    for number, day in ((1, 0), (2, 500)):
        house.train(an_arrival(a_joined(number, ranked_at=NOW + day * DAY), number))
    house.set_policy("--cb_explore_adf")
    house.train(*batch(3, first=3))
    assert house.learned() == ["e-1", "e-2", "e-3"]


# A model that is lost


def lose(house: House, *generations: int) -> None:
    """A lost object and a corrupt one are the same to who needs it."""
    for commit in house.commits():
        if commit.generation in generations:
            house.memory_objects.data[commit.model.object.key] = b"bit rot"


@pytest.mark.parametrize("lost", [[3], [2, 3], [1, 2, 3]])
def test_a_lost_model_is_learned_again_from_the_log(lost: list[int]) -> None:
    house, spared = House(), House()
    for number in (1, 2, 3):
        house.train(*batch(number, first=number))
    lose(house, *lost)
    house.train(*batch(4, first=4))
    for number in (1, 2, 3, 4):
        spared.train(*batch(number, first=number))
    assert house.lines() == spared.lines()


def test_a_lost_model_stays_the_base_of_those_after_it() -> None:
    house = House()
    for number in (1, 2, 3):
        house.train(*batch(number, first=number))
    lose(house, 2, 3)
    assert house.train(*batch(4, first=4))[0].healed
    latest, lost = house.commits()[:2]
    assert (latest.base, latest.relearned) == (lost.model, 0)


def test_what_was_healed_can_be_healed_again() -> None:
    house = House()
    for number in (1, 2, 3, 4, 5):
        house.train(*batch(number, first=number))
        lose(house, number)
    house.train(*batch(6, first=6))
    assert house.learned() == [f"e-{number}" for number in range(1, 7)]


def test_a_lost_model_is_not_made_again_of_lines_that_are_refused() -> None:
    class Choosy(FakeEngine):
        def learn(self, arguments: str, base: bytes | None, lines: Sequence[bytes]) -> Lesson:
            lesson = super().learn(arguments, base, lines)
            return Lesson(lesson.model, ["short of memory", *lesson.rejections[1:]])

    house = House()
    house.train(*batch(1))
    lose(house, 1)
    house.engine = Choosy()
    with pytest.raises(ExceptionGroup) as caught:
        house.train(*batch(2, first=2))
    assert caught.group_contains(InfrastructureError)
    assert house.head.generation == 1


def test_a_model_whose_log_is_lost_too_is_not_guessed_at() -> None:
    house = House()
    house.train(*batch(1))
    lose(house, 1)
    del house.memory_objects.data[house.commits()[0].log.key]
    assert house.train(*batch(2, first=2)) == [Trained("default", 0, 0, 1, 0)]
    assert house.head.generation == 1


# The guard


def wide(number: int) -> Arrival:
    return an_arrival(a_joined(number, payload=payload.pack(an_example(context_size=61))), number)


def test_a_wide_context_costs_the_cubic_terms_and_starts_a_new_model() -> None:
    house = House()
    house.train(*batch(1))
    house.train(wide(2))
    latest = house.commits()[0]
    assert (latest.arguments, latest.base) == (without_cubic(DEFAULT_POLICY), None)


def test_the_cubic_terms_stay_away_and_the_new_model_goes_on() -> None:
    house = House()
    house.train(wide(1))
    house.train(*batch(2, first=2))
    assert house.commits()[0].arguments == without_cubic(DEFAULT_POLICY)
    assert house.learned() == ["e-1", "e-2"]


def test_the_cubic_terms_stay_away_when_the_pace_changes() -> None:
    house = House()
    house.train(wide(1))
    house.set_policy(f"{DEFAULT_POLICY} --power_t 0.4")
    house.train(*batch(2, first=2))
    latest, earlier = house.commits()
    assert latest.base == earlier.model
    assert latest.arguments == canonical(f"{earlier.arguments} --power_t 0.4")


def test_a_policy_that_gains_cubic_terms_starts_a_new_model_with_them() -> None:
    house = House()
    house.set_policy(without_cubic(DEFAULT_POLICY))
    house.train(*batch(1))
    house.set_policy(DEFAULT_POLICY)
    house.train(*batch(2, first=2))
    assert house.commits()[0].arguments == DEFAULT_POLICY


# What cannot be trained


def test_what_cannot_be_read_is_set_aside_and_the_rest_learned() -> None:
    house = House()
    good = batch(1, 2, first=5)
    unreadable, read = house.train(good[0], Arrival("s", 6, b"garbage"), good[1])
    assert (unreadable.quarantined, read.learned) == (1, 2)
    assert house.quarantine.records["unreadable", "s-6"][1] == b"garbage"


def test_poison_is_set_aside_and_the_rest_learned() -> None:
    house = House()
    poison = an_arrival(a_joined(2, event_id="poison"), 2)
    assert house.train(*batch(1), poison, *batch(3, first=3)) == [Trained("default", 1, 2, 1, 0)]
    assert (house.logged(), reasons(house)) == (["e-1", "e-3"], {a_uid(2): "poison"})


def test_a_batch_of_poison_alone_makes_no_model() -> None:
    house = House()
    poison = an_arrival(a_joined(1, event_id="poison"), 1)
    assert house.train(poison) == house.train(poison) == [Trained("default", 0, 0, 1, 0)]
    assert house.head.commit is None


@pytest.mark.parametrize("data", [b"garbage", b"", payload.pack(an_example())[:-4]])
def test_a_payload_that_cannot_be_read_is_set_aside(data: bytes) -> None:
    house = House()
    assert house.train(an_arrival(a_joined(1, payload=data), 1))[0].quarantined == 1
    assert list(reasons(house)) == [a_uid(1)]


def test_events_of_an_unknown_loop_are_set_aside() -> None:
    house = House()
    unknown = an_arrival(a_joined(1, loop="nobody"), 1)
    assert house.train(unknown) == [Trained("nobody", 0, 0, 1, 0)]
    assert reasons(house) == {a_uid(1): "LoopNotFound: nobody"}


def test_events_of_a_deleted_loop_are_dropped() -> None:
    house, arrivals = two_loops()
    house.memory_loops.delete("sick", NOW)
    assert house.train(*arrivals) == [
        Trained("sick", 0, 0, 0, 0, dropped=1),
        Trained("well", 1, 1, 0, 0),
    ]
    assert reasons(house) == {}


# What is only to be logged

SKIP = {"learning_mode": LearningMode.LOGGING_ONLY}


def mixed(*numbers: int) -> list[Arrival]:
    """Of these, the odd ones are only to be logged."""
    return [an_arrival(a_joined(n, **(SKIP if n % 2 else {})), n) for n in numbers]


def verified(house: House) -> bool:
    replay = Verify(house.loops, house.objects, house.engine)("default")
    return all(verdict.same and verdict.stored for verdict in replay)


def test_what_is_only_to_be_logged_is_logged_in_its_place_and_not_learned() -> None:
    house = House()
    assert house.train(*mixed(1, 2, 3, 4)) == [Trained("default", 1, 4, 0, 0)]
    assert house.logged() == ["e-1", "e-2", "e-3", "e-4"]
    assert house.learned() == ["e-2", "e-4"]
    assert verified(house)


def test_a_batch_that_is_only_to_be_logged_keeps_the_model_and_makes_a_commit() -> None:
    house = House()
    house.train(*batch(2))
    house.train(*mixed(3, 5))
    latest, before = house.commits()
    assert latest.model.object.sha256 == before.model.object.sha256
    assert (latest.first_line, latest.trained, house.head.trained) == (1, 2, 3)
    assert house.logged() == ["e-2", "e-3", "e-5"]
    assert house.train(*mixed(3, 5)) == [Trained("default", 2, 0, 0, 2)]


def test_the_first_commit_may_know_nothing_and_learning_goes_on_from_there() -> None:
    house = House()
    house.train(*mixed(1))
    assert (house.head.trained, house.learned()) == (1, [])
    house.train(*mixed(2))
    assert house.commits()[0].base == house.commits()[1].model
    assert (house.learned(), verified(house)) == (["e-2"], True)


@pytest.mark.parametrize("lost", [[4], [3, 4], [1, 2, 3, 4]])
def test_what_is_only_to_be_logged_is_not_learned_when_a_model_is_made_again(
    lost: list[int],
) -> None:
    house = House()
    for numbers in ((1, 2), (3,), (5, 6), (7,)):
        house.train(*mixed(*numbers))
    lose(house, *lost)
    [trained] = house.train(*mixed(8, 9))
    assert trained.healed
    assert house.learned() == ["e-2", "e-6", "e-8"]
    assert house.logged() == [f"e-{n}" for n in (1, 2, 3, 5, 6, 7, 8, 9)]
    assert [v.same for v in Verify(house.loops, house.objects, house.engine)("default")] == [
        True
    ] * 5


def test_a_new_policy_learns_again_only_what_is_to_be_learned() -> None:
    house = House()
    house.train(*mixed(1, 2))
    house.train(*mixed(3))
    policy = Policy("new", "--cb_explore_adf --epsilon 0")
    set_policy(house.loops, house.objects, "default", policy, house.names(), NOW)
    house.train(*mixed(5))
    assert (house.learned(), house.commits()[0].relearned) == (["e-2"], 3)
    assert verified(house)


def test_a_wide_context_that_is_only_to_be_logged_costs_no_cubic_terms() -> None:
    house = House()
    example = payload.pack(an_example(context_size=61))
    house.train(an_arrival(a_joined(1, payload=example, **SKIP), 1))
    assert house.commits()[0].arguments == DEFAULT_POLICY


def test_poison_that_is_only_to_be_logged_is_given_to_nobody() -> None:
    house = House()
    house.train(an_arrival(a_joined(1, event_id="poison", **SKIP), 1), *batch(2, first=2))
    assert (house.logged(), house.learned()) == (["poison", "e-2"], ["e-2"])


# Faults


def two_loops() -> tuple[House, list[Arrival]]:
    """A loop that a test makes sick, and one that is well; an event of each."""
    house = House()
    house.add_loop("sick")
    house.add_loop("well")
    arrivals = [an_arrival(a_joined(n, loop=loop), n) for n, loop in enumerate(("sick", "well"), 1)]
    return house, arrivals


def test_one_loops_fault_does_not_stop_another() -> None:
    class Flaky(FragileLoops):
        def state(self, loop: str, *, consistent: bool = False) -> LoopState:
            if loop == "sick":
                raise InfrastructureError("try again")
            return super().state(loop, consistent=consistent)

    house, arrivals = two_loops()
    house.loops = Flaky(house.memory_loops, Countdown(99))
    with pytest.raises(ExceptionGroup, match="some loops were not trained"):
        house.train(*arrivals)
    assert house.memory_loops.state("well").head.trained == 1


@pytest.mark.parametrize("damage", [b"corrupt", None])
def test_a_loop_that_lost_what_its_head_names_does_not_block_another(damage: bytes | None) -> None:
    house, arrivals = two_loops()
    key = house.memory_loops.state("sick").head.policy.key
    house.memory_objects.data.pop(key)
    if damage:
        house.memory_objects.data[key] = damage
    assert [trained.learned for trained in house.train(*arrivals)] == [0, 1]
    assert list(reasons(house)) == [a_uid(1)]


def test_a_race_that_was_lost_is_run_again() -> None:
    house = House()
    house.loops = FragileLoops(house.memory_loops, Countdown(99), beaten=2)
    assert house.train(*batch(1)) == [Trained("default", 1, 1, 0, 0)]


def test_a_race_that_others_won_with_the_same_events_teaches_nothing() -> None:
    house = House()
    stale = house.memory_loops.state("default")
    house.train(*batch(1))

    class Stale(FragileLoops):
        def state(self, loop: str, *, consistent: bool = False) -> LoopState:
            self._states = getattr(self, "_states", [stale])
            return self._states.pop() if self._states else super().state(loop, consistent=True)

    house.loops = Stale(house.memory_loops, Countdown(99))
    assert house.train(*batch(1)) == [Trained("default", 1, 0, 0, 1)]


def test_a_race_that_is_always_lost_is_a_fault() -> None:
    house = House()
    house.loops = FragileLoops(house.memory_loops, Countdown(99), beaten=99)
    with pytest.raises(ExceptionGroup) as caught:
        house.train(*batch(1))
    assert caught.group_contains(LostRace)


def endanger(house: House, countdown: Countdown) -> None:
    house.loops = FragileLoops(house.memory_loops, countdown)
    house.objects = FragileObjects(house.memory_objects, countdown)


WRITES = 5  # model, log, seen, commit, head


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("writes", range(WRITES))
def test_a_crash_at_any_write_leaves_every_event_to_be_learned_once(
    writes: int, after: bool
) -> None:
    house = House()
    house.train(*batch(1))
    countdown = Countdown(writes, after=after)
    endanger(house, countdown)
    with pytest.raises(Crash):
        house.train(*batch(2, 3, first=2))
    house.loops, house.objects = house.memory_loops, house.memory_objects
    house.train(*batch(2, 3, first=2))
    assert house.learned() == house.logged() == ["e-1", "e-2", "e-3"]


@pytest.mark.parametrize("writes", range(WRITES))
def test_a_crash_before_the_head_leaves_orphans_only(writes: int) -> None:
    house = House()
    before, kept = house.head, dict(house.memory_objects.data)
    countdown = Countdown(writes)
    endanger(house, countdown)
    with pytest.raises(Crash):
        house.train(*batch(1))
    assert house.head == before
    assert kept.items() <= house.memory_objects.data.items()


def test_these_are_all_the_writes_there_are() -> None:
    house = House()
    countdown = Countdown(WRITES)
    endanger(house, countdown)
    assert house.train(*batch(1))[0].learned == 1
