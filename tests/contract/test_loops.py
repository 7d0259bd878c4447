"""What every store of loops promises."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from botocore.exceptions import ClientError

from personalizer.adapters.dynamodb import DynamoLoops
from personalizer.domain.event import Aggregation, LearningMode
from personalizer.domain.loop import Configuration, Head, LoopState, ModelRef
from personalizer.errors import InfrastructureError, LoopNotFound
from personalizer.ports import Loops
from tests.contract.clients import Deaf, Repeating
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
        latest=ModelRef(generation, a_ref("model")),
        live=ModelRef(generation, a_ref("model")),
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


def test_a_key_opens_its_loop(loop: Loops) -> None:
    loop.add_key("hash-1", "default")
    loop.add_key("hash-2", "other")
    assert (loop.loop_of("hash-1"), loop.loop_of("hash-2")) == ("default", "other")


def test_an_unknown_key_opens_nothing(loop: Loops) -> None:
    assert loop.loop_of("hash") is None


def test_a_loop_has_many_keys(loop: Loops) -> None:
    loop.add_key("hash-1", "default")
    loop.add_key("hash-2", "default")
    assert loop.loop_of("hash-1") == loop.loop_of("hash-2")


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


def test_all_loops_are_named(loop: Loops) -> None:
    for _ in range(2):
        loop.create("other", a_state(head=a_head(loop="other")))
    loop.add_key("hash", "default")
    assert sorted(loop.all()) == ["default", "other"]
