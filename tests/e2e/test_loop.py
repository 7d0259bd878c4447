"""From Rank to a better Rank, and every other way an event can go."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from cli.client import Decision
from cli.local import emulator, stack
from cli.local.loop import Loop, new
from tests.e2e.conftest import Service
from tests.e2e.lab import free_port
from tests.e2e.loops import command, eventually, log, rank

WAIT_S = 5
SHORT_WAIT = ("--reward-wait-seconds", str(WAIT_S))
TTL_S = WAIT_S + 300
"""A pending event's TTL leaves the sweeper five minutes to come first."""


@dataclass(frozen=True, slots=True)
class Waiting:
    loop: Loop
    decision: Decision
    since: float


@pytest.fixture(scope="module", autouse=True)
def left_to_ttl(tmp_path_factory: pytest.TempPathFactory, service: Service) -> Iterator[Waiting]:
    """A stack of its own whose sweeper is off, and an event on it that nobody rewards.

    Made first and looked at last, since the event's TTL takes its time.
    """
    state = tmp_path_factory.mktemp("ttl")
    port = emulator.start(state, free_port()).port
    try:
        stack.deploy(port, Sweeper="DISABLED")
        loop = new("test", *SHORT_WAIT, state=state)
        with loop.client:
            yield Waiting(loop, rank(loop), time.monotonic())
    finally:
        emulator.stop(state)


@pytest.fixture(scope="module")
def loop(local: None) -> Iterator[Loop]:
    loop = new("test", *SHORT_WAIT, "--model-export-seconds", "1")
    with loop.client:
        yield loop


def test_a_reward_is_learned_and_a_newer_model_serves(loop: Loop) -> None:
    decision = rank(loop)
    loop.client.reward(decision.event_id, 1.0)
    eventually(30, lambda: rank(loop, deferred=True).generation > decision.generation)
    line = log(loop)[decision.event_id]
    assert line["_label_cost"] == -1.0
    assert line["why"] == "reward"


def test_a_rank_without_a_reward_is_learned_with_the_default_one(loop: Loop) -> None:
    event_id = rank(loop).event_id
    line = eventually(120, lambda: log(loop).get(event_id))
    assert line["_label_cost"] == 0.0
    assert line["o"] == []
    assert line["why"] == "wait"


def test_a_deferred_rank_is_learned_only_once_it_is_activated(loop: Loop) -> None:
    never = rank(loop, deferred=True).event_id
    shown = rank(loop, deferred=True).event_id
    loop.client.activate(shown)
    eventually(120, lambda: log(loop).get(shown))
    assert never not in log(loop)


def test_a_reward_activates_a_deferred_rank(loop: Loop) -> None:
    event_id = rank(loop, deferred=True).event_id
    loop.client.reward(event_id, 0.5)
    assert eventually(30, lambda: log(loop).get(event_id))["_label_cost"] == -0.5


@pytest.mark.parametrize("event_id", ["a/b", "a%2Fb", "über alles", "../x?y#z"])
def test_event_ids_of_any_letters_find_their_event(loop: Loop, event_id: str) -> None:
    loop.client.rank([], [{"id": "a", "features": [{"x": 1}]}], event_id=event_id + loop.name)
    loop.client.reward(event_id + loop.name, 1.0)
    assert eventually(30, lambda: log(loop).get(event_id + loop.name))["_label_cost"] == -1.0


def test_the_accounts_balance_and_the_log_makes_the_models(loop: Loop) -> None:
    assert eventually(120, lambda: command(loop, "conservation"))
    assert command(loop, "verify")
    assert command(loop, "rebuild") == "Nothing is lost.\n"
    assert command(loop, "redrive") == "0 sent again, 0 learned already, 0 kept.\n"


def test_without_a_sweeper_ttl_alone_ends_an_event(left_to_ttl: Waiting) -> None:
    """Last, so that the others use the time."""
    patience = TTL_S + 30 - (time.monotonic() - left_to_ttl.since)
    event_id = left_to_ttl.decision.event_id
    line = eventually(patience, lambda: log(left_to_ttl.loop).get(event_id))
    assert line["_label_cost"] == 0.0
    assert line["why"] == "ttl"
