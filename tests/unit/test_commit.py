"""From one head to the next, and when a model goes live."""

from personalizer.domain.commit import next_head
from personalizer.domain.loop import ModelRef
from tests.factories import NOW, a_commit, a_head, a_ref

EXPORT = 10_000
FIRST, SECOND = ModelRef(1, a_ref("first"), NOW), ModelRef(2, a_ref("second"), NOW + 1)
ONE = next_head(a_head(), a_commit(model=FIRST), a_ref("c-1"), NOW, EXPORT)
TWO_AT = NOW + 5_000
TWO = next_head(ONE, a_commit(generation=2, model=SECOND), a_ref("c-2"), TWO_AT, EXPORT)


def test_a_head_without_a_model_serves_none() -> None:
    assert a_head().served(NOW) is None


def test_the_first_model_goes_live_at_once() -> None:
    assert ONE.served(NOW) == FIRST


def test_a_model_made_soon_after_waits_for_its_turn() -> None:
    assert TWO.served(TWO_AT) == FIRST


def test_a_waiting_model_goes_live_when_its_time_comes() -> None:
    assert (TWO.served(NOW + EXPORT - 1), TWO.served(NOW + EXPORT)) == (FIRST, SECOND)


def test_waiting_models_do_not_put_off_the_publication() -> None:
    assert TWO.publish_at == ONE.publish_at == NOW + EXPORT


def test_a_model_made_later_goes_live_at_once() -> None:
    head = next_head(ONE, a_commit(generation=2, model=SECOND), a_ref(), NOW + EXPORT, EXPORT)
    assert head.served(NOW + EXPORT) == SECOND


def test_the_head_names_its_commit_and_counts_its_events() -> None:
    commit = a_commit(generation=2, commit_id="c-2", trained=5, model=SECOND)
    head = next_head(ONE, commit, a_ref("c-2"), NOW, EXPORT)
    assert (head.generation, head.commit_id, head.commit) == (2, "c-2", a_ref("c-2"))
    assert head.trained == ONE.trained + 5
