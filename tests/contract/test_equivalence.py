"""Whatever happens in whatever order, memory and DynamoDB tell the same story."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personalizer.adapters.dynamodb import DynamoEvents
from personalizer.adapters.memory import MemoryEvents
from personalizer.domain.event import OF_ALL, Aggregation, Event, Key, Reward, State
from personalizer.ports import Events
from tests import stack
from tests.aggregates import aggregate
from tests.contract.conftest import SHARDS
from tests.factories import NOW, a_uid, an_event
from tests.template.cloudformation import Template

WAIT = 90_000
"""Short against the two minutes of a stub, so that every deadline can be met and missed."""

LOOPS = map("loop-{}".format, count())
UIDS = map(a_uid, count(1))

type Operation = Callable[[Events, str], object]


def key(loop: str) -> Key:
    return Key(loop, "e")


times = st.integers(0, 300).map(lambda seconds: NOW + 1_000 * seconds)
values = st.decimals(-1, 1, places=9)


@st.composite
def ranks(draw: st.DrawFn) -> Operation:
    now, early = draw(times), draw(st.booleans())
    changes: dict[str, Any] = {
        "uid": next(UIDS),
        "state": draw(st.sampled_from([State.PENDING, State.INACTIVE])),
        "ranked_at": now,
        "deadline": now + WAIT,
        "request_hash": draw(st.sampled_from([b"one", b"two"])),
        "aggregation": Aggregation.EARLIEST if early else draw(st.sampled_from(Aggregation)),
        "settles_early": early,
    }
    return lambda events, loop: events.rank(an_event(key=key(loop), **changes))


@st.composite
def rewards(draw: st.DrawFn) -> Operation:
    reward = Reward(draw(values), draw(times), draw(st.sampled_from(["k-1", "k-2", "k-3"])))
    return lambda events, loop: events.reward(key(loop), reward)


@st.composite
def activations(draw: st.DrawFn) -> Operation:
    now = draw(times)
    return lambda events, loop: events.activate(key(loop), now)


@st.composite
def expiries(draw: st.DrawFn) -> Operation:
    now, mine = draw(times), draw(st.booleans())

    def expire(events: Events, loop: str) -> object:
        found = events.get(key(loop))
        uid = found.uid if isinstance(found, Event) and mine else a_uid(0)
        return events.expire(key(loop), uid, now)

    return expire


@st.composite
def sweeps(draw: st.DrawFn) -> Operation:
    now = draw(times)
    minutes = [now // 60_000 - back for back in range(draw(st.integers(1, 4)))]
    return lambda events, loop: [
        found for found in events.due(now, minutes) if found[0].loop == loop
    ]


operations = ranks() | rewards() | activations() | expiries() | sweeps()


@pytest.fixture(scope="module")
def dynamo(template: Template, aws: None) -> DynamoEvents:
    return DynamoEvents(stack.client("dynamodb"), stack.make_table(template, "EventsTable"), SHARDS)


@settings(max_examples=30, deadline=None)
@given(st.lists(operations, min_size=2, max_size=12))
def test_the_same_calls_have_the_same_answers_and_leave_the_same_item(
    dynamo: DynamoEvents, story: Sequence[Operation]
) -> None:
    memory, loop = MemoryEvents(), next(LOOPS)
    for operation in story:
        assert operation(dynamo, loop) == operation(memory, loop)
        assert dynamo.get(key(loop)) == memory.get(key(loop))


@settings(max_examples=20, deadline=None)
@given(
    st.sampled_from([*OF_ALL, Aggregation.SUM]),
    st.lists(values, min_size=1, max_size=6),
    st.randoms(use_true_random=False),
)
def test_what_rewards_come_to_is_exact_and_does_not_depend_on_their_order(
    dynamo: DynamoEvents, aggregation: Aggregation, amounts: list[Decimal], chance: Any
) -> None:
    where = key(next(LOOPS))
    calls = [Reward(value, NOW, f"k-{number}") for number, value in enumerate(amounts)]
    chance.shuffle(calls)
    dynamo.rank(an_event(key=where, aggregation=aggregation, settles_early=False))
    for call in calls:
        dynamo.reward(where, call)
    found = dynamo.get(where)
    assert isinstance(found, Event)
    assert found.earned == aggregate(aggregation, amounts)
