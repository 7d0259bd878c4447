"""A log that leaves one loop and comes to another: the same bytes, the same model, in any hands."""

import hashlib
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pylibvw
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personalizer import dsjson
from personalizer.adapters.vw import VwEngine
from personalizer.adapters.vw.words import to_start
from personalizer.domain.decision import Decision
from personalizer.domain.event import LearningMode, Why
from personalizer.domain.example import Example
from personalizer.domain.loop import Configuration
from personalizer.domain.policy import Policy
from personalizer.domain.replay import NO_REPLAY
from personalizer.errors import RequestError
from personalizer.usecases.steer import set_policy
from personalizer.usecases.training import lines
from personalizer.wire import rank as wire
from personalizer.wire.line import read
from tests.contract.test_engine import bodies, writer
from tests.factories import NOW, House, a_joined
from tests.unit.test_import import exported, imported, segments

NO_RANGE = "--cb_explore_adf --cb_type mtr --epsilon 0 -q :i -q :j"


@pytest.fixture(scope="module")
def vw() -> Iterator[VwEngine]:
    engine = VwEngine()
    yield engine
    engine.close()


@settings(max_examples=300)
@given(
    bodies,
    st.decimals(-1, 1, places=9) | st.just(Decimal("-0.0")),
    st.booleans(),
    st.sampled_from(Why),
    st.text(max_size=20),
    st.floats(0, 1),
    st.integers(0, 10**9),
    st.sampled_from([LearningMode.ONLINE, LearningMode.APPRENTICE]),
)
def test_a_line_of_ours_is_written_anew_with_the_very_same_bytes(
    body: dict[str, Any],
    reward: Decimal,
    observed: bool,
    why: Why,
    event_id: str,
    floor: float,
    generation: int,
    mode: LearningMode,
) -> None:
    try:
        request = wire.request(wire._encode(body))
    except RequestError:
        return
    count = len(request.candidates)
    decision = Decision(tuple(reversed(range(count))), (1 / count,) * count, ())
    example = Example(decision, request.context_size, writer.features(request))
    changes: dict[str, Any] = {
        "reward": reward,
        "observed": observed,
        "why": why,
        "generation": generation,
        "learning_mode": mode,
    }
    line = dsjson.line(a_joined(event_id=event_id, floor=floor, **changes), example)
    found = read(line, "file:1")
    again = replace(example, features=writer.features(found.request), decision=found.decision)
    assert lines.line(found.joined, again).text == line
    assert found.request.context_size == request.context_size


def a_taught_house(vw: VwEngine, **settings: Any) -> House:
    """Some rounds, each a model of its own; not all are rewarded."""
    house = House(Configuration(**settings), engine=vw)
    for number in range(12):
        context = [{"hour": number % 4, "where": {"city": f"c {number % 3}"}, "list": [1, 0.3]}]
        ranking = house.rank(contextFeatures=context)
        if number % 3:
            house.reward(ranking.event_id, Decimal(number) / 11)
        else:
            house.clock.now += 700_000
            house.expire()
        house.relay()
        house.train(*house.arrivals())
        house.refresh(after=20_000)
    assert len(house.commits()) == 12
    return house


def model(house: House) -> bytes:
    latest = house.head.latest
    assert latest
    return house.memory_objects.get(latest.object)


def test_an_exported_log_makes_the_same_model_to_the_byte(vw: VwEngine) -> None:
    house, fresh = a_taught_house(vw), House(Configuration(), engine=vw)
    done = imported(fresh, exported(house))
    assert (done.learned, len(fresh.commits())) == (12, 1)
    assert segments(fresh) == segments(house)
    assert hashlib.sha256(model(fresh)).digest() == hashlib.sha256(model(house)).digest()


def test_training_and_importing_on_top_of_each_other_make_the_same_model(vw: VwEngine) -> None:
    house, fresh = a_taught_house(vw), House(Configuration(), engine=vw)
    found = exported(house)
    imported(fresh, found[:5])
    imported(fresh, found[3:])
    assert model(fresh) == model(house)


def driven(arguments: str, log: bytes) -> bytes:
    """What Vowpal Wabbit's own driver makes of a file."""
    with tempfile.TemporaryDirectory() as folder:
        file, made = Path(folder, "log.dsjson"), Path(folder, "model")
        file.write_bytes(log)
        options = ["--quiet", "--dsjson", "--preserve_performance_counters"]
        vw = pylibvw.vw([*options, *to_start(arguments), "-d", str(file), "--no_stdin"])
        vw.run_parser()
        vw.save(str(made))
        return made.read_bytes()


def weights(data: bytes) -> list[float]:
    with tempfile.NamedTemporaryFile() as file:
        Path(file.name).write_bytes(data)
        vw = pylibvw.vw(["--quiet", "-t", "-i", file.name])
    return [vw.get_weight(index, 0) for index in range(vw.num_weights())]


def test_an_exported_log_is_read_by_vowpal_wabbit_as_it_is(vw: VwEngine) -> None:
    house = House(Configuration(cost_offset=0.0, replay=NO_REPLAY), engine=vw)
    policy_of_any_cost = Policy("any", NO_RANGE)
    set_policy(house.loops, house.objects, "default", policy_of_any_cost, house.names(), NOW)
    for number in range(12):
        house.learn(contextFeatures=[{"hour": f"h{number % 4}"}])
    log = b"".join(line + b"\n" for line in segments(house))
    assert any(weights(model(house)))
    assert weights(driven(NO_RANGE, log)) == weights(model(house))
