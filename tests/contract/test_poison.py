"""A corpus of poison and corruption, through the whole trainer with Vowpal Wabbit behind it.

What is bad is set aside, one by one and with a reason; what stands beside it is learned as if the
bad had never been.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
import zstandard

from personalizer import payload, records
from personalizer.adapters.vw import VwEngine
from personalizer.domain.decision import Decision
from personalizer.domain.hub import Joined
from personalizer.domain.policy import Policy
from personalizer.errors import UNREADABLE, ObjectCorrupt
from personalizer.usecases import policies
from personalizer.usecases.training.lines import Arrival
from personalizer.usecases.verify import Verify
from tests.factories import FEATURES, House, a_joined, a_uid, an_arrival, an_example

EXPORT = 10_000


@pytest.fixture(scope="module")
def vw() -> Iterator[VwEngine]:
    engine = VwEngine()
    yield engine
    engine.close()


@pytest.fixture
def house(vw: VwEngine) -> House:
    return House(engine=vw)


def holding(features: bytes) -> dict[str, Any]:
    """An event's payload with these features, as nobody's rank would have written it."""
    return {"payload": payload.pack(an_example(features=features))}


def decided(*args: Any) -> dict[str, Any]:
    return {"payload": payload.pack(an_example(decision=Decision(*args)))}


ACTION = b'{"j":[{"x":1}]}'


def actions(*each: bytes, context: bytes = b"[]") -> bytes:
    return b'{"FromUrl":%b,"_multi":[%b]}' % (context, b",".join(each))


def bomb(size: int) -> bytes:
    """A frame of zstd that states such a size."""
    return zstandard.FRAME_HEADER + b"\xe0" + size.to_bytes(8, "little") + b"\x01\x00\x00"


POISON: dict[str, dict[str, Any]] = {
    # Features that VW's reader cannot read, mostly without a word
    "no features": holding(b""),
    "null": holding(b"null"),
    "a number": holding(b"1"),
    "a string": holding(b'"x"'),
    "an array": holding(b"[]"),
    "an empty object": holding(b"{}"),
    "no actions": holding(actions()),
    "not JSON": holding(b"garbage"),
    "cut in half": holding(FEATURES[: len(FEATURES) // 2]),
    "one brace too many": holding(FEATURES + b"}"),
    "not a number": holding(actions(ACTION, ACTION, context=b'[{"x":nan}]')),
    "a string among numbers": holding(actions(ACTION, ACTION, context=b'[{"x":["a"]}]')),
    "a truth among numbers": holding(actions(ACTION, ACTION, context=b'[{"x":[true]}]')),
    "not UTF-8": holding(actions(b'{"j":[{"\xff":1}]}')),
    "two lines": holding(b'{"FromUrl":[],\n"_multi":[]}'),
    # Features that kill VW
    "nested without end": holding(
        actions(ACTION, ACTION, context=b'[{"n":' * 100_000 + b"1" + b"}]" * 100_000)
    ),
    "slots": holding(b'{"FromUrl":[],"_slots":[[1]],"_multi":[{"j":[{"x":1}]},{"j":[{"x":2}]}]}'),
    # Labels
    "a choice among too few": decided((50, 0), (0.5, 0.5), ()),
    "a choice below the first": decided((-2, 0), (0.5, 0.5), ()),
    "nothing decided": decided((), (), ()),
    "fewer probabilities than actions": decided((1, 0), (0.5,), ()),
    "probability zero": decided((1, 0), (0.0, 1.0), ()),
    "a negative probability": decided((1, 0), (-0.5, 1.5), ()),
    "a probability above one": decided((1, 0), (1.5, 0.5), ()),
    "an infinite reward": {"reward": Decimal("Infinity")},
    "a reward that is no number": {"reward": Decimal("NaN")},
    "a reward that signals": {"reward": Decimal("sNaN")},
    "a reward beyond 32 bits": {"reward": Decimal("1e39")},
    "a reward below them": {"reward": Decimal("-1e39")},
    "a reward beyond 64 bits": {"reward": Decimal("1e999")},
    # Payloads
    "no payload": {"payload": b""},
    "a payload of something else": {"payload": b"\x00\x01\x02"},
    "a payload without features": {"payload": zstandard.compress(b"{}")},
    "a payload cut short": {"payload": payload.pack(an_example())[:-5]},
    "a payload of another shape": {"payload": zstandard.compress(b'{"decision":7}\n{}')},
    "a payload that unpacks to too much": {"payload": zstandard.compress(b"x" * 20_000_000)},
    "a payload that says it unpacks to more": {"payload": bomb(1 << 44)},
    "a payload nested without end": {
        "payload": zstandard.compress(b'{"decision":' + b"[" * 100_000 + b"\n{}")
    },
    # Events
    "a time before all time": {"ranked_at": -(10**18)},
    "a time after all time": {"ranked_at": 10**18},
    "a loop that is not there": {"loop": "nobody"},
}


def good(*numbers: int) -> list[Joined]:
    return [a_joined(number) for number in numbers]


def models(house: House) -> list[str]:
    return [commit.model.object.sha256 for commit in house.commits()]


@pytest.mark.parametrize("name", POISON)
def test_poison_is_set_aside_alone_and_its_neighbours_are_learned(
    house: House, vw: VwEngine, name: str
) -> None:
    bad = a_joined(9, **POISON[name])
    packs = records.pack([*good(1, 2), bad, *good(3, 4)])
    house.train(*[Arrival("s", number, pack) for number, pack in enumerate(packs)])
    spared = House(engine=vw)
    spared.train(*[an_arrival(joined, n) for n, joined in enumerate(good(1, 2, 3, 4))])
    assert house.logged() == ["e-1", "e-2", "e-3", "e-4"]
    assert models(house) == models(spared)
    (((_, place), (reason, kept)),) = house.quarantine.records.items()
    assert place == a_uid(9)
    assert reason
    assert records.decode(kept).uid == bad.uid


def test_poison_upon_poison_is_set_aside_one_by_one(house: House, vw: VwEngine) -> None:
    bad = [a_joined(100 + n, **changes) for n, changes in enumerate(POISON.values())]
    mixed = [each for pair in zip(good(*range(1, len(bad) + 1)), bad, strict=True) for each in pair]
    house.train(*[an_arrival(joined, n) for n, joined in enumerate(mixed, 1)])
    assert house.logged() == [f"e-{n}" for n in range(1, len(bad) + 1)]
    assert {place for _, place in house.quarantine.records} == {joined.uid for joined in bad}


GARBAGE = {
    "nothing": b"",
    "text": b"garbage",
    "bytes": b"\xff\x00",
    "half a pack": records.pack(good(1))[0][:-7],
    "a pack of something else": zstandard.compress(b"garbage"),
    "a record of a later format": records.encode(a_joined(1)).replace(b'"format":1', b'"format":9'),
    "a pack that says it unpacks to more": bomb(1 << 44),
    "a pack that unpacks to too much": zstandard.compress(b"x" * (records.MAX_UNPACKED + 1)),
    "a pack nested without end": zstandard.compress(b"\x91" * 100_000),
    "a uid that is none": records.encode(a_joined(1, uid="7")),
}


@pytest.mark.parametrize("name", GARBAGE)
def test_what_nobody_can_read_is_set_aside_whole_and_blocks_nothing(
    house: House, name: str
) -> None:
    around = [an_arrival(joined, 10 * n) for n, joined in enumerate(good(1, 2), 1)]
    house.train(around[0], Arrival("s", 15, GARBAGE[name]), around[1])
    assert house.logged() == ["e-1", "e-2"]
    assert house.quarantine.records[UNREADABLE, "s-15"][1] == GARBAGE[name]


def flipped(model: bytes, seed: int) -> bytes:
    bit = random.Random(seed).randrange(8 * len(model))
    damaged = bytearray(model)
    damaged[bit // 8] ^= 1 << bit % 8
    return bytes(damaged)


CORRUPTIONS: dict[str, Callable[[bytes, int], bytes]] = {
    "one bit flipped": flipped,
    "cut short": lambda model, seed: model[: random.Random(seed).randrange(len(model))],
    "another byte at its end": lambda model, seed: model + b"\x00",
    "empty": lambda model, seed: b"",
}


@pytest.mark.parametrize("how", CORRUPTIONS)
def test_a_damaged_model_is_never_loaded(house: House, how: str) -> None:
    house.train(*[an_arrival(joined, n) for n, joined in enumerate(good(1, 2, 3), 1)])
    ref = house.commits()[0].model.object
    whole = house.memory_objects.data[ref.key]
    for seed in range(160):
        house.memory_objects.data[ref.key] = CORRUPTIONS[how](whole, seed)
        with pytest.raises(ObjectCorrupt):
            house.objects.get(ref)


def two_generations(house: House) -> None:
    house.learn(eventId="e-1")
    house.refresh(EXPORT)
    house.learn(eventId="e-2")


@pytest.mark.parametrize("how", CORRUPTIONS)
def test_rank_goes_on_with_the_last_good_model_and_says_so(house: House, how: str) -> None:
    two_generations(house)
    assert house.serving.live("default").generation == 1
    key = house.commits()[0].model.object.key
    house.memory_objects.data[key] = CORRUPTIONS[how](house.memory_objects.data[key], 1)
    house.refresh(EXPORT)
    assert house.rank(eventId="e-3").generation == 1
    assert house.serving.take_failures() == 1


@pytest.mark.parametrize("how", CORRUPTIONS)
def test_a_damaged_model_is_learned_again_to_the_byte_and_training_goes_on(
    house: House, vw: VwEngine, how: str
) -> None:
    two_generations(house)
    key = house.commits()[0].model.object.key
    house.memory_objects.data[key] = CORRUPTIONS[how](house.memory_objects.data[key], 1)
    house.refresh(EXPORT)
    house.learn(eventId="e-3")
    assert house.logged() == ["e-1", "e-2", "e-3"]
    verdicts = [*Verify(house.loops, house.objects, vw)("default")]
    assert [verdict.same for verdict in verdicts] == [True] * len(verdicts)
    house.refresh(EXPORT)
    assert house.rank(eventId="e-4").generation == house.head.generation


@pytest.mark.parametrize("arguments", ["'", "--cb_min_cost", "--cb_max_cost x", "--no_such_option"])
def test_a_policy_that_cannot_be_used_blocks_no_other_loop(house: House, arguments: str) -> None:
    house.add_loop("well")
    policy = policies.put(house.memory_objects, "default", Policy("by hand", arguments))
    assert house.memory_loops.advance(house.head, replace(house.head, policy=policy))
    arrivals = [an_arrival(a_joined(n, loop=loop), n) for n, loop in ((1, "default"), (2, "well"))]
    assert [trained.learned for trained in house.train(*arrivals)] == [0, 1]


@pytest.mark.parametrize("what", ["commit", "policy", "log", "seen"])
def test_what_cannot_be_made_again_is_not_guessed_at(house: House, what: str) -> None:
    two_generations(house)
    head, data = house.head, house.memory_objects.data
    if what == "log":  # it is needed only in the place of a model that is lost
        data[house.commits()[0].model.object.key] = b""
    for key in [key for key in data if key.startswith(f"{what}/")]:
        data[key] = data[key][:-1]
    aside = replace(a_joined(3), final_at=house.clock.now)
    (trained,) = house.train(an_arrival(aside, 99))
    assert (trained.learned, trained.quarantined) == (0, 1)
    assert house.head == head
    assert house.rank(eventId="e-9").generation == 1
