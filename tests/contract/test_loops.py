"""What every store of loops promises."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from personalizer.adapters.dynamodb import DynamoLoops
from personalizer.domain.event import Aggregation, LearningMode
from personalizer.domain.loop import Configuration, Head, LoopState, ModelRef
from personalizer.errors import InfrastructureError, LoopNotFound, NameReserved
from personalizer.ports import Loops
from tests.contract.clients import Deaf, Repeating, Wrapped
from tests.factories import NOW, a_head, a_ref

CONFIGURATION = Configuration(
    reward_wait_ms=1,
    default_reward=Decimal("-0.5"),
    aggregation=Aggregation.SUM,
    learn_after_wait=True,
    exploration=0.1,
    model_export_ms=2,
    learning_mode=LearningMode.APPRENTICE,
    cost_offset=0.125,
)


def a_state(**changes: Any) -> LoopState:
    return replace(LoopState(CONFIGURATION, b"secret\x00\xff", a_head()), **changes)


def moved(commit_id: str = "c-1", generation: int = 1) -> Head:
    return a_head(
        generation=generation,
        commit_id=commit_id,
        commit=a_ref("commit"),
        latest=ModelRef(generation, a_ref("model"), NOW),
        live=ModelRef(generation, a_ref("model"), NOW),
        publish_at=NOW,
        trained=10,
    )


@pytest.fixture
def loop(loops: Loops) -> Loops:
    """A store in which there is a loop."""
    loops.create("default", a_state())
    return loops


@pytest.mark.parametrize("consistent", [True, False])
def test_a_loop_is_read_as_it_was_made(loop: Loops, consistent: bool) -> None:
    assert loop.state("default", consistent=consistent) == a_state()


def test_a_loop_that_nobody_made_is_not_found(loop: Loops) -> None:
    with pytest.raises(LoopNotFound):
        loop.state("other")


def test_a_loop_is_made_once(loop: Loops) -> None:
    again = a_state(sampling_secret=b"other")
    assert not loop.create("default", again)
    assert loop.state("default") == a_state()


def test_making_the_very_same_loop_again_is_refused_too(loops: Loops) -> None:
    state = a_state()
    assert loops.create("default", state)
    assert not loops.create("default", state)


def test_loops_are_made_side_by_side(loop: Loops) -> None:
    assert loop.create("other", a_state(head=a_head(loop="other")))
    assert loop.state("other").head.loop == "other"


def test_a_head_moves_on(loop: Loops) -> None:
    assert loop.advance(a_head(), moved())
    assert loop.state("default", consistent=True) == a_state(head=moved())


def test_a_head_moves_from_where_it_is(loop: Loops) -> None:
    loop.advance(a_head(), moved())
    assert not loop.advance(a_head(), moved("c-2"))
    assert loop.state("default").head == moved()


@pytest.mark.parametrize("old", [a_head(epoch=2), a_head(generation=5)])
def test_epoch_and_generation_must_both_be_right(loop: Loops, old: Head) -> None:
    assert not loop.advance(old, moved())


def test_a_head_that_moved_by_our_own_hand_counts_as_moved(loop: Loops) -> None:
    loop.advance(a_head(), moved())
    assert loop.advance(a_head(), moved())


def test_a_head_that_others_moved_on_from_ours_counts_as_lost(loop: Loops) -> None:
    loop.advance(a_head(), moved())
    loop.advance(moved(), moved("c-2", 2))
    assert not loop.advance(a_head(), moved())


def test_no_head_moves_where_there_is_no_loop(loops: Loops) -> None:
    assert not loops.advance(a_head(), moved())


def test_the_loops_that_there_are_can_be_listed(loop: Loops) -> None:
    loop.create("other", a_state(head=a_head(loop="other")))
    assert {*loop.all()} == {"default", "other"}
    assert [*loop.deleted()] == []


def test_a_deleted_loop_is_gone(loop: Loops) -> None:
    assert loop.delete("default", NOW)
    assert [*loop.all()] == []
    with pytest.raises(LoopNotFound):
        loop.state("default", consistent=True)


def test_a_deleted_loop_is_known_to_be_deleted(loop: Loops) -> None:
    assert not loop.is_deleted("default")
    loop.delete("default", NOW)
    assert loop.is_deleted("default")
    assert [*loop.deleted()] == [("default", NOW)]


def test_a_loop_is_deleted_once(loop: Loops) -> None:
    assert loop.delete("default", NOW)
    assert not loop.delete("default", NOW + 1)
    assert [*loop.deleted()] == [("default", NOW)]


def test_a_loop_that_nobody_made_is_not_deleted(loop: Loops) -> None:
    assert not loop.delete("other", NOW)
    assert [*loop.deleted()] == []


def test_another_loop_is_not_deleted_along(loop: Loops) -> None:
    loop.create("default-2", a_state(head=a_head(loop="default-2")))
    loop.delete("default", NOW)
    assert loop.state("default-2").head.loop == "default-2"


def test_nothing_of_a_deleted_loop_can_be_changed(loop: Loops) -> None:
    loop.delete("default", NOW)
    assert not loop.advance(a_head(), moved())
    assert not loop.configure("default", CONFIGURATION, Configuration())
    with pytest.raises(LoopNotFound):
        loop.state("default", consistent=True)


def test_the_name_of_a_deleted_loop_stays_its_own(loop: Loops) -> None:
    loop.delete("default", NOW)
    with pytest.raises(NameReserved):
        loop.create("default", a_state())
    assert [*loop.all()] == []


def test_a_name_that_was_freed_can_be_given_again(loop: Loops) -> None:
    loop.delete("default", NOW)
    loop.forget("default")
    assert [*loop.deleted()] == []
    assert loop.create("default", a_state())
    assert [*loop.all()] == ["default"]


def test_the_name_of_a_loop_that_is_there_cannot_be_freed(loop: Loops) -> None:
    loop.forget("default")
    assert [*loop.all()] == ["default"]


# --------------------------------------------------------------- DynamoDB alone


def test_a_head_whose_write_was_repeated_has_moved(dynamodb: Any, loops_table: str) -> None:
    repeating: Any = Repeating(dynamodb)
    loops = DynamoLoops(repeating, loops_table)
    loops.create("default", a_state())
    assert loops.advance(a_head(), moved())


def test_a_head_whose_move_went_unheard_can_be_moved_again(dynamodb: Any, loops_table: str) -> None:
    loops = DynamoLoops(dynamodb, loops_table)
    loops.create("default", a_state())
    deaf: Any = Deaf(dynamodb)
    with pytest.raises(InfrastructureError):
        DynamoLoops(deaf, loops_table).advance(a_head(), moved())
    assert loops.advance(a_head(), moved())


def test_settings_are_replaced_although_the_answer_to_the_first_attempt_was_lost(
    dynamodb: Any, loops_table: str
) -> None:
    repeating: Any = Repeating(dynamodb)
    loops = DynamoLoops(repeating, loops_table)
    loops.create("default", a_state())
    assert loops.configure("default", CONFIGURATION, Configuration())


@pytest.mark.parametrize("missing", ["head", "config", "secret"])
def test_a_loop_of_which_a_part_is_not_to_be_seen_yet_is_not_found(
    dynamodb: Any, loops_table: str, missing: str
) -> None:
    # A query may see a part of what a transaction wrote.
    loops = DynamoLoops(dynamodb, loops_table)
    loops.create("default", a_state())
    key = {"pk": {"S": "loop#default"}, "sk": {"S": missing}}
    dynamodb.delete_item(TableName=loops_table, Key=key)
    with pytest.raises(LoopNotFound):
        loops.state("default")


def test_a_loop_that_could_not_be_made_is_not_one_that_exists(loops_table: str) -> None:
    contended: Any = Contended()
    with pytest.raises(InfrastructureError):
        DynamoLoops(contended, loops_table).create("default", a_state())


class Contended:
    """DynamoDB cancels a transaction for other reasons than a condition, too."""

    def transact_write_items(self, **request: Any) -> None:
        raise ClientError(
            {
                "Error": {"Code": "TransactionCanceledException", "Message": "cancelled"},
                "CancellationReasons": [{"Code": "TransactionConflict"}, {"Code": "None"}],
            },
            "TransactWriteItems",
        )


def test_settings_are_replaced_as_a_whole(loop: Loops) -> None:
    assert loop.configure("default", CONFIGURATION, Configuration())
    assert loop.state("default", consistent=True) == a_state(configuration=Configuration())


def test_settings_that_somebody_else_has_changed_stay(loop: Loops) -> None:
    loop.configure("default", CONFIGURATION, Configuration())
    assert not loop.configure("default", CONFIGURATION, Configuration(exploration=0.3))
    assert loop.state("default", consistent=True).configuration == Configuration()


def test_settings_of_a_loop_that_nobody_made_are_not_kept(loop: Loops) -> None:
    assert not loop.configure("other", CONFIGURATION, Configuration())
    with pytest.raises(LoopNotFound):
        loop.state("other")


def test_there_may_be_more_loops_than_one_answer_holds(dynamodb: Any, loops_table: str) -> None:
    short: Any = Short(dynamodb)
    loops = DynamoLoops(short, loops_table)
    names = {f"loop-{number}" for number in range(5)}
    for name in names:
        loops.create(name, a_state(head=a_head(loop=name)))
    loops.delete("loop-0", NOW)
    assert {*loops.all()} == names - {"loop-0"}
    assert [*loops.deleted()] == [("loop-0", NOW)]


class Short(Wrapped):
    """Lists two items at a time."""

    def get_paginator(self, name: str) -> Any:
        pages = self._client.get_paginator(name)
        return SimpleNamespace(
            paginate=lambda **query: pages.paginate(**query, PaginationConfig={"PageSize": 2})
        )

    def around(self, name: str, call: Callable[[], Any]) -> Any:
        return call()
