"""What the events table must get right: index, TTL, expressions, lost answers, races."""

import re
from collections.abc import Callable
from decimal import Decimal
from importlib.resources import files
from typing import Any

import pytest

from personalizer.adapters.dynamodb import DynamoEvents, items, writes
from personalizer.adapters.dynamodb.writes import Update
from personalizer.domain.event import (
    CLOCK_SKEW_MS,
    OF_ALL,
    Aggregation,
    Event,
    Given,
    Item,
    Key,
    State,
    Why,
)
from personalizer.domain.timer import MINUTE_MS
from personalizer.domain.transitions import MAX_REWARDS
from personalizer.errors import InfrastructureError, LostRace
from personalizer.payload import MAX_PACKED
from tests import stack
from tests.contract.clients import Deaf, Overtaken, Repeating, Wrapped
from tests.contract.conftest import SHARDS
from tests.factories import (
    KEY,
    NOW,
    WAIT,
    a_final_event,
    a_keeping_event,
    a_patient_event,
    a_reward,
    a_stub,
    a_uid,
    an_event,
)

HOUR = 3_600
DEADLINE = (NOW + WAIT) // 1000
OVER = NOW + WAIT + CLOCK_SKEW_MS
RESERVED = set(files("moto.dynamodb.parsing").joinpath("reserved_keywords.txt").read_text().split())
UPDATES = {
    "settle": writes.settle(a_reward()),
    "add": writes.add(a_reward()),
    "append": writes.append(a_reward(), Aggregation.MEDIAN),
    "activate": writes.activate(NOW),
    "expire": writes.expire(a_uid(1), NOW),
}
ITEMS = [
    an_event(),
    a_patient_event(state=State.INACTIVE),
    a_patient_event(reward=Decimal("0.3"), reward_keys=frozenset({"k-1", "k-2"})),
    *(a_keeping_event("-1", "0.123456789", aggregation=each) for each in OF_ALL),
    a_final_event(),
    a_final_event(why=Why.WAIT, reward=None),
    a_stub(rewards=(a_reward(), a_reward("-0.125", key="k-2")), activated=True),
]


@pytest.fixture(params=["boto3", "crt"])
def dynamodb(request: pytest.FixtureRequest, aws: None) -> Any:
    """Each test below over both transports."""
    over_crt = request.param == "crt"
    return request.getfixturevalue("crt_dynamodb") if over_crt else stack.client("dynamodb")


@pytest.fixture
def item(dynamodb: Any, events_table: str) -> Callable[[], dict[str, Any]]:
    """Reads the one item under test as it lies in the table."""

    def read() -> dict[str, Any]:
        found = dynamodb.get_item(TableName=events_table, Key=items.key(KEY))
        return dict(found["Item"])

    return read


@pytest.fixture
def over(dynamodb: Any, events_table: str) -> Callable[..., DynamoEvents]:
    """The same table through a client of another kind."""

    def build(kind: Callable[..., Any], *rest: Any) -> DynamoEvents:
        return DynamoEvents(kind(dynamodb, *rest), events_table, SHARDS)

    return build


# -------------------------------------------------------------------- the item


@pytest.mark.parametrize("thing", ITEMS)
def test_an_item_is_read_as_it_was_written(thing: Item) -> None:
    assert items.load(items.dump(thing, 1, SHARDS)) == thing


def test_an_item_of_an_unknown_format_is_refused() -> None:
    written = items.dump(an_event(), 1, SHARDS) | {"v": {"N": "2"}}
    with pytest.raises(ValueError, match="format"):
        items.load(written)


@pytest.mark.parametrize("make", [a_patient_event, a_keeping_event])
def test_updates_leave_an_item_that_a_put_could_have_written(
    dynamo_events: DynamoEvents,
    item: Callable[[], dict[str, Any]],
    make: Callable[..., Event],
) -> None:
    dynamo_events.rank(make(state=State.INACTIVE))
    dynamo_events.activate(KEY, NOW + 1)
    dynamo_events.reward(KEY, a_reward())
    dynamo_events.expire(KEY, a_uid(1), OVER)
    final = dynamo_events.get(KEY)
    assert final is not None
    assert item() == items.dump(final, 4, SHARDS)


def test_a_reward_that_is_kept_is_one_update(
    over: Callable[..., DynamoEvents], dynamo_events: DynamoEvents
) -> None:
    dynamo_events.rank(a_keeping_event())
    successes: list[str] = []
    over(Noting, successes).reward(KEY, a_reward())
    assert successes == ["update_item"]


class Noting(Wrapped):
    """Notes which calls were not refused."""

    def __init__(self, client: Any, successes: list[str]):
        super().__init__(client)
        self._successes = successes

    def around(self, name: str, call: Callable[[], Any]) -> Any:
        answer = call()
        self._successes.append(name)
        return answer


def test_the_largest_event_with_all_its_rewards_fits_into_an_item() -> None:
    rewards = MAX_REWARDS
    event = a_keeping_event(
        key=Key("l" * 40, "😀" * 256),
        payload=b"x" * MAX_PACKED,
        given=(Given(NOW, Decimal("-0.987654321")),) * rewards,
        reward_keys=frozenset(f"{number:032}" for number in range(rewards)),
    )
    assert size(items.dump(event, rewards, SHARDS)) < 400 * 1024


def size(attributes: dict[str, Any]) -> int:
    """In bytes, as DynamoDB's developer guide counts: a number takes two digits a byte."""
    return sum(len(name) + _size(*value.popitem()) for name, value in attributes.items())


def _size(kind: str, value: Any) -> int:
    match kind:
        case "L":
            return 3 + sum(1 + _size(*each.popitem()) for each in value)
        case "SS":
            return 3 + sum(1 + _size("S", each) for each in value)
        case "N":
            return 2 + (len(value) + 1) // 2
        case "BOOL":
            return 1
        case _:
            return len(value.encode() if kind == "S" else value)


# ------------------------------------------------------------ the sparse index


def test_only_a_pending_event_is_in_the_index(
    dynamo_events: DynamoEvents, item: Callable[[], dict[str, Any]]
) -> None:
    dynamo_events.rank(an_event(state=State.INACTIVE))
    assert not item().keys() & {"xb", "xp"}
    dynamo_events.activate(KEY, NOW + 1)
    assert item()["xp"] == {"N": str(NOW + WAIT)}
    dynamo_events.reward(KEY, a_reward())
    assert not item().keys() & {"xb", "xp"}


def test_a_late_event_leaves_the_index(
    dynamo_events: DynamoEvents, item: Callable[[], dict[str, Any]]
) -> None:
    dynamo_events.rank(an_event())
    dynamo_events.expire(KEY, a_uid(1), OVER)
    assert not item().keys() & {"xb", "xp"}


def test_an_activated_event_waits_where_it_would_have_waited_from_the_start(
    dynamo_events: DynamoEvents, item: Callable[[], dict[str, Any]]
) -> None:
    dynamo_events.rank(an_event(state=State.INACTIVE))
    dynamo_events.activate(KEY, NOW + 1)
    assert item() == items.dump(an_event(), 2, SHARDS)


def test_all_pages_of_a_busy_minute_are_due(
    dynamo_events: DynamoEvents, dynamodb: Any, events_table: str
) -> None:
    many = {Key("default", f"e-{n}") for n in range(30)}
    for key in many:
        dynamo_events.rank(an_event(key=key))
    small: Any = SmallPages(dynamodb)
    last_minutes = [OVER // MINUTE_MS - 1, OVER // MINUTE_MS]
    found = DynamoEvents(small, events_table, SHARDS).due(OVER, last_minutes)
    assert {key for key, _ in found} == many


class SmallPages:
    """DynamoDB ends a page after a megabyte; this one after two items."""

    def __init__(self, client: Any):
        self._client = client

    def get_paginator(self, name: str) -> Any:
        return self

    def paginate(self, **query: Any) -> Any:
        paginator = self._client.get_paginator("query")
        return paginator.paginate(**query, Limit=2)


# ------------------------------------------------------------------------- TTL


@pytest.mark.parametrize(
    ("thing", "ttl"),
    [
        (a_stub(), (NOW + 120_000) // 1000),
        (an_event(state=State.INACTIVE), DEADLINE + HOUR),
        (an_event(), DEADLINE + 300),
        (a_final_event(final_at=NOW), NOW // 1000 + 48 * HOUR),
    ],
)
def test_the_table_deletes_each_state_in_its_own_time(thing: Item, ttl: int) -> None:
    assert items.dump(thing, 1, SHARDS)["ttl"] == {"N": str(ttl)}


@pytest.mark.parametrize("make", [a_patient_event, a_keeping_event])
def test_the_ttl_follows_the_state(
    dynamo_events: DynamoEvents,
    item: Callable[[], dict[str, Any]],
    make: Callable[..., Event],
) -> None:
    dynamo_events.rank(make(state=State.INACTIVE))
    seen = [item()["ttl"]["N"]]
    dynamo_events.reward(KEY, a_reward())
    seen.append(item()["ttl"]["N"])
    dynamo_events.expire(KEY, a_uid(1), OVER)
    seen.append(item()["ttl"]["N"])
    assert list(map(int, seen)) == [DEADLINE + HOUR, DEADLINE + 300, OVER // 1000 + 48 * HOUR]


def test_the_templates_ttl_is_the_attribute_that_items_have(template: Any) -> None:
    table = template.resources["EventsTable"]["Properties"]
    assert table["TimeToLiveSpecification"]["AttributeName"] in items.dump(an_event(), 1, SHARDS)


# ----------------------------------------------------------------- expressions


def words(update: Update) -> set[str]:
    """The attribute names in its expressions, without placeholders and the language's own words."""
    language = {"SET", "ADD", "REMOVE", "IN", "AND", "NOT", "OR", "contains", "size"}
    language |= {"list_append", "if_not_exists"}
    found = re.findall(r"(?<![:#\w])[a-zA-Z]\w*", f"{update.expression} {update.condition}")
    return set(found) - language


@pytest.mark.parametrize("name", UPDATES)
def test_no_reserved_word_stands_in_an_expression(name: str) -> None:
    assert not {word for word in words(UPDATES[name]) if word.upper() in RESERVED}


@pytest.mark.parametrize("name", UPDATES)
def test_an_expression_uses_what_it_is_given_and_nothing_else(name: str) -> None:
    # DynamoDB refuses a request with a value or a name that it does not use.
    update = UPDATES[name]
    used = set(re.findall(r"[:#]\w+", f"{update.expression} {update.condition}"))
    assert used == update.values.keys() | update.names.keys()


@pytest.mark.parametrize("name", ["pk", "n", "exp", "xb", "xp", "epoch", "gen"])
def test_no_reserved_word_stands_in_a_condition_or_a_query(name: str) -> None:
    assert name.upper() not in RESERVED


# ---------------------------------------------------------------- lost answers


def test_a_repeated_rank_is_stored_once(
    over: Callable[..., DynamoEvents], item: Callable[[], dict[str, Any]]
) -> None:
    assert over(Repeating).rank(an_event()) == an_event()
    assert item()["n"] == {"N": "1"}


def test_a_repeated_replacement_is_stored_once(
    over: Callable[..., DynamoEvents], dynamo_events: DynamoEvents
) -> None:
    dynamo_events.rank(an_event())
    other = an_event(uid=a_uid(2), request_hash=b"other")
    assert over(Repeating).rank(other) == dynamo_events.get(KEY)
    assert over(Repeating).rank(other).request_hash == b"other"


def test_a_repeated_reward_counts_once(
    over: Callable[..., DynamoEvents], dynamo_events: DynamoEvents
) -> None:
    dynamo_events.rank(a_patient_event())
    over(Repeating).reward(KEY, a_reward("0.5"))
    assert dynamo_events.get(KEY) == a_patient_event(
        reward=Decimal("0.5"), reward_keys=frozenset({"k-1"})
    )


def test_a_repeated_reward_is_kept_once(
    over: Callable[..., DynamoEvents], dynamo_events: DynamoEvents
) -> None:
    dynamo_events.rank(a_keeping_event())
    over(Repeating).reward(KEY, a_reward("0.5", key="k-0"))
    assert dynamo_events.get(KEY) == a_keeping_event("0.5")


def test_a_repeated_early_reward_counts_once(
    over: Callable[..., DynamoEvents], dynamo_events: DynamoEvents
) -> None:
    over(Repeating).reward(KEY, a_reward("0.5", at=NOW - 9))
    assert dynamo_events.rank(a_patient_event()).reward == Decimal("0.5")


def test_a_repeated_settling_reward_changes_nothing(
    over: Callable[..., DynamoEvents], dynamo_events: DynamoEvents
) -> None:
    dynamo_events.rank(an_event())
    over(Repeating).reward(KEY, a_reward("0.5", at=NOW + 9))
    assert dynamo_events.get(KEY) == a_final_event(reward=Decimal("0.5"))


def test_a_call_whose_answer_never_comes_may_be_made_again(
    over: Callable[..., DynamoEvents], dynamo_events: DynamoEvents
) -> None:
    with pytest.raises(InfrastructureError):
        over(Deaf).rank(an_event())
    assert dynamo_events.rank(an_event(uid=a_uid(2))) == an_event()


# ----------------------------------------------------------------------- races


def test_a_reward_between_looking_and_replacing_is_not_lost(
    over: Callable[..., DynamoEvents], dynamo_events: DynamoEvents
) -> None:
    early = a_reward("0.25", at=NOW - 9, key="k-0")
    dynamo_events.reward(KEY, early)
    racing = over(Overtaken, lambda: None, lambda: dynamo_events.reward(KEY, a_reward("0.5")))
    assert racing.rank(a_patient_event()).reward == Decimal("0.75")


def test_a_reward_meets_another_event_than_it_looked_at(
    over: Callable[..., DynamoEvents], dynamo_events: DynamoEvents
) -> None:
    dynamo_events.rank(a_keeping_event())
    other = a_patient_event(uid=a_uid(2), request_hash=b"other")
    racing = over(Overtaken, lambda: None, lambda: dynamo_events.rank(other))
    assert racing.reward(KEY, a_reward("0.5"))
    found = dynamo_events.get(KEY)
    assert isinstance(found, Event)
    assert (found.reward, found.given) == (Decimal("0.5"), ())


def test_a_rank_between_a_reward_and_its_stub_gets_the_reward(
    over: Callable[..., DynamoEvents], dynamo_events: DynamoEvents
) -> None:
    racing = over(Overtaken, lambda: None, lambda: dynamo_events.rank(a_patient_event()))
    assert racing.reward(KEY, a_reward("0.5"))
    assert dynamo_events.get(KEY) == a_patient_event(
        reward=Decimal("0.5"), reward_keys=frozenset({"k-1"})
    )


def test_a_deletion_between_looking_and_replacing_leaves_room(
    over: Callable[..., DynamoEvents], dynamo_events: DynamoEvents, dynamodb: Any, events_table: str
) -> None:
    dynamo_events.activate(KEY, NOW)
    racing = over(
        Overtaken,
        lambda: None,
        lambda: dynamodb.delete_item(TableName=events_table, Key=items.key(KEY)),
    )
    assert racing.rank(an_event()) == an_event()
    assert dynamo_events.get(KEY) == an_event()


def test_a_race_that_is_never_won_is_given_up(
    over: Callable[..., DynamoEvents], dynamo_events: DynamoEvents
) -> None:
    def reward(number: int) -> Callable[[], bool]:
        return lambda: dynamo_events.reward(KEY, a_reward(at=NOW - 9, key=f"k-{number}"))

    with pytest.raises(LostRace):
        over(Overtaken, *map(reward, range(20))).rank(a_patient_event())
