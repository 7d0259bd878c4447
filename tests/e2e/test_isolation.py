"""Two loops under load at once, with other settings, policies and keys: nothing crosses."""

import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import httpx
import pytest

from cli.local import loop as loops
from cli.local.loop import Loop
from tests.e2e.loops import command, eventually, log

ROUNDS = 20
THREADS = 4
LATER = ("last", "shared")
"""Events that tests make once the load is over."""
POLICY = "--cb_explore_adf --cb_type mtr -q ::"
WAIT = ("--reward-wait-seconds", "20", "--model-export-seconds", "0")


@pytest.fixture(scope="module")
def pair(local: None) -> Iterator[tuple[Loop, Loop]]:
    """Both know the same actions; each likes another, and explores as often as no other."""
    red = loops.new("red", *WAIT, "--exploration", "0.25")
    blue = loops.new("blue", *WAIT, "--exploration", "0.125")
    _call(blue, "PUT", "configurations/policy", {"name": "blue", "arguments": POLICY})
    with red.client, blue.client, ThreadPoolExecutor(2 * THREADS) as threads:
        played = [threads.submit(_play, loop, n) for n in range(THREADS) for loop in (red, blue)]
        for each in played:
            each.result()
        yield red, blue


def test_a_log_holds_its_own_loops_decisions_and_all_of_them(pair: tuple[Loop, Loop]) -> None:
    for loop in pair:
        logged = _all_logged(loop)
        assert crossings(logged, loop.name) == []
        assert logged.keys() == {_event(n, r) for n in range(THREADS) for r in range(ROUNDS)}


def test_a_crossing_would_be_noticed(pair: tuple[Loop, Loop]) -> None:
    red, blue = map(_all_logged, pair)
    mixed = red | {_event(0, 0): blue[_event(0, 0)]}
    assert crossings(mixed, pair[0].name) == [_event(0, 0)]


def test_decisions_carry_the_settings_of_their_loop(pair: tuple[Loop, Loop]) -> None:
    floors, policies = zip(*map(_stamps, pair), strict=True)
    assert floors == ({0.25}, {0.125})
    assert not policies[0] & policies[1]


def test_each_model_learned_what_its_loop_likes(pair: tuple[Loop, Loop]) -> None:
    for loop, liked in zip(pair, "ab", strict=True):
        ranked = _call(loop, "POST", "rank", _request(loop, "last")).json()["ranking"]
        best = max(ranked, key=lambda action: action["probability"])
        assert best["id"] == liked


def test_a_key_reads_and_changes_its_own_loop_alone(pair: tuple[Loop, Loop]) -> None:
    red, blue = pair
    before = _owned(blue)
    settings = _call(red, "GET", "configurations/service").json()
    _call(red, "PUT", "configurations/service", settings | {"explorationPercentage": 0.5})
    _call(red, "PUT", "configurations/policy", {"name": "red", "arguments": f"{POLICY} -l 0.1"})
    _call(red, "POST", f"events/{_event(0, 0)}/reward", {"value": -1})
    assert _owned(blue) == before
    for loop, other in ((red, blue), (blue, red)):
        shown = _call(loop, "GET", "logs").text
        assert loop.name in shown
        assert other.name not in shown


def test_a_reward_reaches_the_event_of_its_own_loop_alone(pair: tuple[Loop, Loop]) -> None:
    """Both have an event of this id that waits, and one of them is rewarded."""
    red, blue = pair
    for loop in pair:
        _call(loop, "POST", "rank", _request(loop, "shared"))
    _call(red, "POST", "events/shared/reward", {"value": 1})
    lines = [_logged(loop, "shared") for loop in pair]
    assert [line["why"] for line in lines] == ["reward", "wait"]
    assert blue.name in json.dumps(lines[1]["c"])


def test_the_accounts_of_both_balance(pair: tuple[Loop, Loop]) -> None:
    for loop in pair:
        assert eventually(120, partial(command, loop, "conservation"))


def crossings(logged: Mapping[str, Any], loop: str) -> list[str]:
    """The events whose features are not this loop's."""
    return [event for event, line in logged.items() if loop not in json.dumps(line["c"])]


def _play(loop: Loop, thread: int) -> None:
    """The same event ids in both loops, on purpose."""
    liked = "a" if loop.name.startswith("red") else "b"
    for number in range(ROUNDS):
        event = _event(thread, number)
        ranking = _call(loop, "POST", "rank", _request(loop, event)).json()
        reward = float(ranking["rewardActionId"] == liked)
        _call(loop, "POST", f"events/{event}/reward", {"value": reward})


def _request(loop: Loop, event: str) -> dict[str, object]:
    actions = [{"id": name, "features": [{"name": name}]} for name in "ab"]
    return {"eventId": event, "contextFeatures": [{"of": loop.name}], "actions": actions}


def _logged(loop: Loop, event: str) -> dict[str, Any]:
    return eventually(120, lambda: log(loop).get(event))


def _owned(loop: Loop) -> list[object]:
    """What its owner set, and what became of an event whose id the other loop has too."""
    paths = ("configurations/service", "configurations/policy")
    return [*(_call(loop, "GET", path).json() for path in paths), log(loop)[_event(0, 0)]]


def _event(thread: int, number: int) -> str:
    return f"e-{thread}-{number}"


def _call(loop: Loop, method: str, path: str, body: object = None) -> httpx.Response:
    return httpx.request(
        method,
        f"{loop.url}/personalizer/v1.1-preview.3/{path}",
        json=body,
        headers={"Ocp-Apim-Subscription-Key": loop.key},
        timeout=30,
        trust_env=False,
    ).raise_for_status()


def _all_logged(loop: Loop) -> dict[str, dict[str, Any]]:
    def complete() -> dict[str, dict[str, Any]] | None:
        found = {event: line for event, line in log(loop).items() if event not in LATER}
        return found if len(found) == THREADS * ROUNDS else None

    return eventually(90, complete)


def _stamps(loop: Loop) -> tuple[set[float], set[str]]:
    lines = _all_logged(loop).values()
    return {line["floor"] for line in lines}, {line["policy"] for line in lines}
