"""Forgetting a log: what is kept still adds up, and nothing is learned twice."""

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from personalizer import records
from personalizer.adapters.memory import MemoryObjects
from personalizer.domain.audit import What
from personalizer.domain.dedupe import WINDOW_MS
from personalizer.domain.forgetting import MARGIN_DAYS
from personalizer.domain.loop import DAY_MS, FOREVER, Configuration, ObjectRef
from personalizer.domain.policy import Policy
from personalizer.domain.replay import NO_REPLAY
from personalizer.errors import NotProvable
from personalizer.usecases import forget as forgetting
from personalizer.usecases import past
from personalizer.usecases.forget import Forget
from personalizer.usecases.redrive import Redriven
from personalizer.usecases.retention import Retained, Retention
from personalizer.usecases.steer import set_policy
from personalizer.usecases.verify import Verdict, Verify
from tests.factories import NOW, House, a_joined, a_uid, an_arrival
from tests.faults import Countdown, Crash, FragileLoops
from tests.unit.test_redrive import redrive

KEPT_DAYS = 3


def a_house() -> House:
    return House(Configuration(log_retention_days=KEPT_DAYS, replay=NO_REPLAY))


def learn(house: House, *numbers: int) -> None:
    """One commit, now."""
    at = house.clock.now
    house.train(*[an_arrival(a_joined(n, ranked_at=at, final_at=at), n) for n in numbers])


def five_days() -> House:
    """One commit on each, of two decisions."""
    house = a_house()
    for day in range(5):
        house.clock.now = NOW + day * DAY_MS
        learn(house, 2 * day + 1, 2 * day + 2)
    return house


def forget(house: House) -> Forget:
    return Forget(
        house.loops,
        house.memory_objects,
        house.memory_objects,
        house.audit,
        house.quarantine,
        house.clock,
        house.names,
        map,
    )


def cleared(house: House) -> None:
    while not forget(house).clear("default"):
        pass


def outdated(house: House) -> None:
    forget(house).outdated("default")
    cleared(house)


def start_anew(house: House) -> None:
    """By another policy."""
    policy = Policy("new", "--cb_explore_adf --epsilon 0")
    set_policy(house.loops, house.objects, "default", policy, house.names(), NOW)


def keys(house: House, folder: str) -> list[str]:
    return [key for key in house.memory_objects.data if key.startswith(f"{folder}/")]


def noted(house: House) -> set[str]:
    return {note.uid for note in house.audit.read("default") if note.what is What.FORGOTTEN}


# What is kept


def test_whole_days_are_forgotten_once_they_are_too_long_ago() -> None:
    house = five_days()
    house.clock.now += DAY_MS
    outdated(house)
    assert house.head.kept.oldest == 3
    assert len(keys(house, "log")) == 3
    assert noted(house) == {a_uid(n) for n in (1, 2, 3, 4)}


def test_nothing_is_forgotten_that_is_young_enough() -> None:
    house = a_house()
    learn(house, 1)
    house.clock.now += KEPT_DAYS * DAY_MS
    outdated(house)
    assert (house.head.kept.oldest, len(keys(house, "log"))) == (1, 1)


def test_a_log_is_kept_for_ever_if_its_owner_says_so() -> None:
    house = House(Configuration(log_retention_days=FOREVER, replay=NO_REPLAY))
    learn(house, 1)
    house.clock.now += 10_000 * DAY_MS
    outdated(house)
    assert len(keys(house, "log")) == 1


def test_the_head_tells_the_time_range_of_what_is_kept() -> None:
    house = five_days()
    assert (house.head.kept.first_ranked_at, house.head.kept.last_ranked_at) == (
        NOW,
        NOW + 4 * DAY_MS,
    )
    outdated(house)
    assert house.head.kept.first_ranked_at == NOW + DAY_MS
    forget(house).everything("default")
    assert house.head.kept.first_ranked_at is house.head.kept.last_ranked_at is None


def test_what_comes_after_is_kept_and_counted() -> None:
    house = five_days()
    forget(house).everything("default")
    cleared(house)
    learn(house, 11)
    assert house.head.kept.first_ranked_at == house.clock.now
    assert [c.generation for c in house.commits()] == [6, 5, 4, 3, 2, 1]
    assert len(keys(house, "log")) == 1


def test_commits_stay_and_of_models_those_that_are_needed() -> None:
    house = five_days()
    outdated(house)
    assert len(keys(house, "commit")) == 5
    kept = {
        c.model.object.key for c in house.commits() if c.generation >= house.head.kept.oldest - 1
    }
    assert {*keys(house, "gen")} == kept


def test_the_model_goes_on_after_everything_was_forgotten() -> None:
    house = five_days()
    forget(house).everything("default")
    cleared(house)
    assert len(keys(house, "gen")) == 1
    learn(house, 11)
    assert house.learned() == [f"e-{n}" for n in range(1, 12)]


def test_fingerprints_that_are_out_of_the_window_are_removed() -> None:
    house = five_days()
    outdated(house)
    last = house.commits()[0]
    assert {*keys(house, "seen")} == {ref.key for ref in last.seen.values()}


def test_what_crashed_attempts_left_behind_is_removed() -> None:
    house = five_days()
    left = "log/loop=default/dt=2023-11-14/000000000001-crashed.dsjson.gz"
    house.memory_objects.data[left] = b"orphan"
    outdated(house)
    assert left not in house.memory_objects.data


# What is forgotten is not learned again


def test_a_new_model_learns_only_what_is_kept() -> None:
    house = five_days()
    forget(house).outdated("default")
    start_anew(house)
    learn(house, 11)
    assert house.learned() == [f"e-{n}" for n in range(3, 12)]


def test_what_was_learned_and_forgotten_is_known_to_a_redrive() -> None:
    house = five_days()
    outdated(house)
    house.quarantine.put("default", a_uid(1), "copy", records.encode(a_joined(1)))
    assert redrive(house).quarantined("default") == Redriven(known=1)
    assert house.hub.records == []


def test_nothing_is_proven_while_notes_are_not_written() -> None:
    house = five_days()
    forget(house).everything("default")
    with pytest.raises(NotProvable):
        past.known(house.objects, house.audit, house.head)
    house.quarantine.put("default", a_uid(1), "copy", records.encode(a_joined(1)))
    assert redrive(house).quarantined("default") == Redriven(kept=1)
    cleared(house)
    assert redrive(house).quarantined("default") == Redriven(known=1)


def test_a_proof_from_before_what_was_forgotten_proves_nothing() -> None:
    house = five_days()
    old = a_joined(99, final_at=NOW - WINDOW_MS, absent_until=5)
    house.train(an_arrival(old, 50))
    forget(house).everything("default")
    house.train(an_arrival(old, 50, shard="t"))
    assert a_uid(99) in house.quarantine.places("default")
    assert house.learned().count("e-99") == 1


def test_a_proof_made_after_that_is_one() -> None:
    house = five_days()
    forget(house).everything("default")
    cleared(house)
    old = a_joined(99, final_at=NOW - WINDOW_MS, absent_until=house.head.generation)
    house.train(an_arrival(old, 50))
    assert house.learned()[-1] == "e-99"


def test_what_nobody_can_remember_is_not_proven_new() -> None:
    house = five_days()
    house.clock.now += (KEPT_DAYS + MARGIN_DAYS + 2) * DAY_MS
    outdated(house)
    house.quarantine.put("default", a_uid(1), "copy", records.encode(a_joined(1)))
    assert redrive(house).quarantined("default") == Redriven(kept=1)


# Verifying, and healing


def verify(house: House) -> list[Verdict]:
    return [*Verify(house.loops, house.objects, house.engine)("default")]


def test_what_is_kept_is_verified_from_the_model_before_it() -> None:
    house = five_days()
    outdated(house)
    assert verify(house) == [Verdict(n, 2, True, True) for n in (2, 3, 4, 5)]


def test_a_model_of_lines_that_are_forgotten_is_taken_as_given() -> None:
    house = five_days()
    start_anew(house)
    learn(house, 11)
    learn(house, 12)
    house.clock.now += DAY_MS
    outdated(house)
    verdicts = verify(house)
    assert [(v.generation, v.given) for v in verdicts] == [
        *((3, False), (4, False), (5, False), (6, True), (7, False))
    ]
    assert all(verdict.same and verdict.stored for verdict in verdicts)


def test_a_lost_model_is_healed_from_what_is_kept() -> None:
    house = five_days()
    outdated(house)
    lost = house.commits()[0].model.object.key
    house.memory_objects.data[lost] = b"bit rot"
    learn(house, 11)
    assert house.learned() == [f"e-{n}" for n in range(1, 12)]


def test_a_lost_model_whose_lines_are_forgotten_sets_events_aside() -> None:
    house = five_days()
    forget(house).everything("default")
    cleared(house)
    house.memory_objects.data[house.commits()[0].model.object.key] = b"bit rot"
    learn(house, 11)
    assert house.quarantine.places("default") == {a_uid(11)}


class ForgottenMeanwhile(MemoryObjects):
    """The log is forgotten just when somebody begins to read it."""

    def __init__(self, house: House):
        self.data, self._house = house.memory_objects.data, house

    def get(self, ref: ObjectRef) -> bytes:
        if ref.key.startswith("log/") and self._house.head.kept.oldest == 1:
            forget(self._house).everything("default")
            cleared(self._house)
        return super().get(ref)


def test_a_trainer_that_reads_what_is_being_forgotten_looks_again() -> None:
    house = five_days()
    start_anew(house)
    house.objects = ForgottenMeanwhile(house)
    learn(house, 11)
    assert house.learned() == ["e-11"]
    assert not house.quarantine.places("default")


# The quarantine, and old notes


def test_what_was_set_aside_too_long_ago_is_forgotten_and_explained() -> None:
    house = a_house()
    ranking = house.rank()
    uid = house.uid_of(ranking.event_id)
    house.relay()
    house.reward(ranking.event_id)
    house.quarantine.put("default", uid, "poison", b"record")
    house.clock.now += KEPT_DAYS * DAY_MS + 1
    house.quarantine.put("default", a_uid(7), "young", b"record")
    outdated(house)
    assert house.quarantine.places("default") == {a_uid(7)}
    assert house.balance().forgotten == {uid}


def a_quarter(house: House) -> None:
    """A decision a day; each is learned, unless it was never shown."""
    for day in range(90):
        house.clock.now = NOW + day * DAY_MS
        ranking = house.rank(deferActivation=day % 3 == 0)
        if day % 3:
            house.reward(ranking.event_id)
        house.expire_by_ttl()
        house.relay()
        house.train(*house.arrivals()[-3:])
        outdated(house)


def test_notes_grow_old_and_accounts_balance_all_the_same() -> None:
    house = a_house()
    a_quarter(house)
    balance = house.balance()
    assert balance.at_rest
    assert len(balance.trained) == 3
    assert 20 < len(balance.forgotten) < 30
    assert 10 < len(balance.lapsed) < 15
    assert len([*house.audit.read("default")]) < 100


def test_accounts_of_a_log_that_was_forgotten_balance() -> None:
    house = a_house()
    for _ in range(3):
        house.learn()
    forget(house).everything("default")
    assert not house.balance().trained
    cleared(house)
    house.learn()
    balance = house.balance()
    assert balance.at_rest
    assert (len(balance.trained), len(balance.forgotten)) == (1, 3)


# Faults


class Fragile:
    """A port whose writes are behind a countdown."""

    WRITES = ("advance", "write", "delete", "take", "forget")

    def __init__(self, port: Any, countdown: Countdown):
        self._port, self._countdown = port, countdown

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._port, name)
        return partial(self._counted, call) if name in self.WRITES else call

    def _counted(self, call: Callable[..., Any], *arguments: Any) -> Any:
        with self._countdown:
            return call(*arguments)


def fragile(house: House, countdown: Countdown) -> Forget:
    loops, archive, audit, aside = (
        Fragile(port, countdown)
        for port in (house.loops, house.memory_objects, house.audit, house.quarantine)
    )
    objects = house.memory_objects
    return Forget(loops, objects, archive, audit, aside, house.clock, house.names, map)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("writes", range(12))
def test_whoever_dies_leaves_nothing_lost_and_nothing_half_read(writes: int, after: bool) -> None:
    house = a_house()
    for _ in range(3):
        house.learn()
    house.quarantine.put("default", a_uid(999), "poison", b"record")
    learned = {line["uid"] for line in map(json.loads, house.lines())}
    house.clock.now += (KEPT_DAYS + 1) * DAY_MS
    dying = fragile(house, Countdown(writes, after=after))
    with suppress(Crash):
        dying.outdated("default")
        dying.clear("default")
    assert all(verdict.same for verdict in verify(house))
    house.balance()
    with suppress(NotProvable):
        assert learned <= past.known(house.objects, house.audit, house.head)
    house.clock.now += (
        KEPT_DAYS + 1
    ) * DAY_MS  # what was on its way out of quarantine stays a while
    outdated(house)
    assert house.balance().at_rest
    assert house.balance().forgotten == learned | {a_uid(999)}
    assert not keys(house, "log")


def test_a_trainer_that_commits_meanwhile_loses_nothing() -> None:
    house = five_days()
    house.loops = FragileLoops(house.memory_loops, Countdown(99), beaten=2)
    forget(house).everything("default")
    assert house.head.kept.oldest == 6


def test_a_trainer_that_began_before_cannot_bring_back_what_was_forgotten() -> None:
    house = five_days()
    before = house.head
    forget(house).everything("default")
    assert not house.memory_loops.advance(before, replace(before, generation=6, commit_id="late"))


def test_more_than_one_go_can_do_is_done_by_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forgetting, "OBJECTS", 2)
    house = five_days()
    forget(house).everything("default")
    goes = 1
    while not forget(house).clear("default", commits=2):
        goes += 1
    assert goes > 2
    assert (keys(house, "log"), len(noted(house))) == ([], 10)


# All loops


def test_every_loop_has_its_turn_although_one_is_broken() -> None:
    house = five_days()
    house.add_loop("broken", Configuration(log_retention_days=KEPT_DAYS))
    broken = house.memory_loops.state("broken").head
    lost = replace(broken, generation=1, commit=ObjectRef("commit/broken/gone", "0" * 64))
    house.memory_loops.advance(broken, lost)
    with pytest.raises(ExceptionGroup):
        Retention(house.loops, forget(house))(lambda: True)
    assert len(keys(house, "log")) == 4


def test_a_loop_that_is_behind_is_said_to_be() -> None:
    house = five_days()
    assert Retention(house.loops, forget(house))(lambda: True) == Retained(1, 0)
    assert Retention(house.loops, forget(house))(lambda: False) == Retained(1, 1)
