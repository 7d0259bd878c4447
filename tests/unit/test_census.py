"""Counting features: how often, with how many values, and what there is to be told from them."""

import random
from typing import Any

import msgspec
import pytest

from personalizer.adapters.fake import FakeEngine
from personalizer.domain.evaluation.census import HASH_BITS, MAX_FEATURES, Census, Tally, Valued
from personalizer.domain.evaluation.feature import Feature
from personalizer.domain.evaluation.importance import studied
from personalizer.usecases.evaluation.counting import counted
from tests.contract.lessons import a_line
from tests.factories import a_request

ENGINE = FakeEngine()


def lines(count: int, **changes: Any) -> list[bytes]:
    """Every hour; on some days there is sun, and a sale of one of the two things."""
    made = []
    for number in range(count):
        context = {"hour": number % 24, "always": "so", "sky": {"tint": [number, 1]}}
        sale = [{"price": number % 2, **({"sale": True} if number % 3 == 0 else {})}]
        actions = [{"id": "a", "features": sale}, {"id": "b", "features": [{"price": 5}]}]
        made.append(a_line(ENGINE, a_request(contextFeatures=[context], actions=actions)))
    return made


def tally(census: Census, namespace: str, name: str = "") -> tuple[int, int, int]:
    found = census.tally(Feature(namespace, name)) or Tally()
    return found.events, found.partly, found.values


def test_events_and_values_are_counted() -> None:
    census = counted(lines(48))
    assert census.events == 48
    assert tally(census, "FromUrl", "hour") == (46, 0, 23)  # 0 is no feature
    assert tally(census, "FromUrl", "always") == (48, 0, 1)
    assert tally(census, "tint") == (48, 0, 48)
    assert tally(census, "j", "price") == (48, 24, 2)
    assert tally(census, "j", "sale") == (16, 16, 1)


def test_parts_add_up() -> None:
    all_lines = lines(50)
    assert counted(all_lines[:20]) + counted(all_lines[20:]) == counted(all_lines)


def test_a_census_can_be_kept() -> None:
    census = counted(lines(30))
    assert msgspec.json.decode(msgspec.json.encode(census), type=Census) == census
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(census), type=Census) == census


@pytest.mark.parametrize("values", [1_000, 20_000])
def test_many_values_are_estimated_in_little_room(values: int) -> None:
    chance = random.Random(values)
    hashes = [chance.getrandbits(HASH_BITS) for _ in range(values)]
    parts = [Tally(), Tally()]
    for number, value in enumerate(hashes * 2):
        parts[number % 3 == 0].see(value)
    both = parts[0] + parts[1]
    assert both.values == pytest.approx(values, rel=0.25)
    assert len(both.hashes) < 300


def test_names_without_end_take_no_room() -> None:
    census = Census()
    for number in range(MAX_FEATURES + 10):
        census.add([Valued(Feature("FromUrl", f"user-{number}"), 1)], [])
    assert len(census.namespaces["FromUrl"]) == MAX_FEATURES
    assert census.left_out == 10
    assert len([*(census + census)]) == MAX_FEATURES


def test_what_is_the_same_everywhere_is_not_studied() -> None:
    features = studied(counted(lines(48)))
    assert Feature("FromUrl", "hour") in features
    assert Feature("FromUrl", "always") not in features
    assert Feature("j", "sale") in features  # though its value is: not every action has it


def test_namespaces_of_more_than_one_feature_are_studied_whole() -> None:
    features = studied(counted(lines(48)))
    assert Feature("j") in features
    assert Feature("FromUrl") not in features  # of two, one is constant
    assert Feature("tint") in features  # an array is one feature


def test_the_most_frequent_are_studied_first() -> None:
    features = studied(counted(lines(48)), most=3)
    assert features == (Feature("j"), Feature("j", "price"), Feature("tint"))
